// Microsoft's two Graph clients for JavaScript behind one face: send(method, path, body, model)
// returns what the client made of the answer, or raises what the client raises.
import { HttpMethod, RequestInformation } from "@microsoft/kiota-abstractions";
import { AzureIdentityAuthenticationProvider } from "@microsoft/kiota-authentication-azure";
import { Client } from "@microsoft/microsoft-graph-client";
import { GraphRequestAdapter } from "@microsoft/msgraph-sdk";
import * as models from "@microsoft/msgraph-sdk/models/index.js";
import { createODataErrorFromDiscriminatorValue } from "@microsoft/msgraph-sdk/models/oDataErrors/index.js";
import { createRequire } from "node:module";

const scope = "https://graph.microsoft.com/.default";
const installed = createRequire(import.meta.url)("../package.json").devDependencies;

// graphClient is @microsoft/microsoft-graph-client. credential is a TokenCredential of
// @azure/identity; more overrides the way's settings.
export function graphClient(way, credential, more = {}) {
  const authProvider = { getAccessToken: async () => (await credential.getToken(scope)).token };
  const client = Client.initWithMiddleware({ authProvider, ...way.graphClient(), ...more });
  return {
    client,
    send: (method, path, body) => client.api(path)[method.toLowerCase()](body),
  };
}

// graphSDK is @microsoft/msgraph-sdk: its adapter, its models and its authentication, and no
// fluent code, which its packages for paths would add. unknown collects properties of answers
// that the models do not know.
export function graphSDK(way, credential, unknown = []) {
  const provider = new AzureIdentityAuthenticationProvider(credential, [scope], undefined, new Set([new URL(way.graph).hostname]));
  const adapter = new GraphRequestAdapter(provider);
  adapter.baseUrl = `${way.graph}/v1.0`;
  return {
    async send(method, path, body, model) {
      const info = new RequestInformation(HttpMethod[method], `{+baseurl}${path}`, { baseurl: adapter.baseUrl });
      info.headers.add("Accept", "application/json");
      if (body) info.setStreamContent(new TextEncoder().encode(JSON.stringify(body)).buffer, "application/json");
      const errors = { XXX: createODataErrorFromDiscriminatorValue };
      if (!model) return adapter.sendNoResponseContent(info, errors);
      const answer = await adapter.send(info, models[`create${model}FromDiscriminatorValue`], errors);
      unknown.push(...unknownProperties(answer).map((name) => `${method} ${path}: ${name}`));
      return answer;
    },
  };
}

// unknownProperties are the names that the models had no place for; annotations of OData aside.
function unknownProperties(value) {
  if (!value || typeof value !== "object" || value instanceof Date) return [];
  const own = Object.keys(value.additionalData ?? {}).filter((name) => !name.includes("@odata."));
  return [...own, ...Object.entries(value).filter(([name]) => name !== "additionalData").flatMap(([, inner]) => unknownProperties(inner))];
}

// clients are both, by the name and version that the record has them under.
export const clients = [
  { name: `@microsoft/microsoft-graph-client ${installed["@microsoft/microsoft-graph-client"]}`, make: graphClient },
  { name: `@microsoft/msgraph-sdk ${installed["@microsoft/msgraph-sdk"]}`, make: graphSDK },
];
