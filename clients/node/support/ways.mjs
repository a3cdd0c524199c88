// The two ways to a tenant. A test runs once in each; its titles begin with the way's name.
import { getGlobalDispatcher, ProxyAgent, setGlobalDispatcher } from "undici";

import { access } from "./lab.mjs";

// ways: under the real host names through the proxy, where a client is configured as against
// Entra itself; and at the tenant's own address, by the clients' settings for an authority.
export const ways = [
  {
    name: "hosts",
    login: "https://login.microsoftonline.com",
    hosts: ["login.microsoftonline.com", "login.microsoft.com", "graph.microsoft.com"],
    graph: "https://graph.microsoft.com",
    // msalAuth is what a user of MSAL sets beside the client id.
    msalAuth: (tenant) => ({ authority: `https://login.microsoftonline.com/${tenant.id}` }),
    identity: () => ({}),
    graphClient: () => ({}),
    // begin prepares this process and returns what undoes it.
    // MSAL for Node calls the global fetch, which knows no proxy by itself. Everything is sent
    // there: the proxy refuses other hosts, and the tests see to it that they reach none.
    begin: () => useDispatcher(new ProxyAgent(access.proxy)),
  },
  {
    name: "authority",
    login: access.graph_base,
    hosts: [new URL(access.graph_base).host],
    graph: access.graph_base,
    msalAuth: (tenant) => ({ authority: tenant.facts.authority, knownAuthorities: [new URL(access.graph_base).host] }),
    identity: () => ({ authorityHost: access.graph_base, disableInstanceDiscovery: true }),
    graphClient: () => ({ baseUrl: `${access.graph_base}/`, customHosts: new Set([new URL(access.graph_base).hostname]) }),
    begin: () => () => {},
  },
];

function useDispatcher(dispatcher) {
  const before = getGlobalDispatcher();
  setGlobalDispatcher(dispatcher);
  return async () => {
    setGlobalDispatcher(before);
    await dispatcher.close();
  };
}
