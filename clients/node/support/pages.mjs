// A web server on a loopback port, for the pages that a sign-in comes back to.
import { once } from "node:events";
import { createServer } from "node:http";

// servePages answers the paths of the table, each with its text: a page where it begins like
// one, else a script. Everything else is 404.
export async function servePages(table) {
  const server = createServer((request, response) => {
    const page = table[new URL(request.url, "http://localhost").pathname];
    response.writeHead(page === undefined ? 404 : 200, { "Content-Type": page?.startsWith("<") ? "text/html" : "text/javascript" });
    response.end(page);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
