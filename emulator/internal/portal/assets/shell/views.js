// Addresses of views. They are in the fragment, so the server never sees them.

const blade = "Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/";

/** The views of the activation menu that the embedded tenant has, in the order of the menu. */
export const activationViews = ["aadmigratedroles", "aadgroup"];

/** The fragment that opens a view of the activation menu. */
export const fragmentOf = (view) => `#view/${blade}${view}`;

/**
 * What a fragment asks for: {view} for a view of the activation menu, {home: true} for none,
 * {unknown: path} for anything else. Older addresses say "blade" for "view" and may name the tenant first (#@domain/…).
 */
export function parse(fragment) {
  const path = fragment.replace(/^#?\/?(@[^/]*\/)?/, "");
  if (path === "" || path === "home") return { home: true };
  const [, asked] = path.match(/^(?:view|blade)\/(.+)$/) ?? [];
  const view = activationViews.find((name) => asked === blade + name);
  return view ? { view } : { unknown: path };
}
