// The admin in front of the sign-in pages. Elements are found by the ids of the real pages.

// acts are the pages that can come, by the element that tells them, with what the admin does.
const acts = [
  { name: "name", element: "#i0116", act: (page, tenant) => page.fill("#i0116", tenant.admin.upn) },
  { name: "password", element: "#i0118", act: (page, tenant) => page.fill("#i0118", tenant.admin.password) },
  { name: "code", element: "#idTxtBx_SAOTCC_OTC", act: async (page, tenant) => page.fill("#idTxtBx_SAOTCC_OTC", await tenant.code()) },
  { name: "confirm", element: "#appConfirmTitle" },
  { name: "stay", element: "#KmsiCheckboxField", button: "#idBtn_Back" },
  { name: "account", element: "#tilesHolder", button: "#tilesHolder [data-test-id]" },
];

// signIn answers the pages until none of them is shown, and returns which they were, such as
// "name password stay".
export async function signIn(page, tenant) {
  const asked = [];
  for (let step = await shown(page); step; step = await shown(page)) {
    asked.push(step.name);
    if (asked.length > 12) throw new Error(`the sign-in does not end: ${asked.join(" ")}, ${await page.locator(".problem").allInnerTexts()}`);
    await step.act?.(page, tenant);
    await leave(page, step.button ?? "#idSIButton9");
  }
  return asked.join(" ");
}

async function shown(page) {
  if (page.isClosed()) return undefined;
  const index = await page.evaluate((elements) => elements.findIndex((element) => document.querySelector(element)), acts.map((act) => act.element));
  return acts[index];
}

// leave presses a button and waits for the document that follows, or for a popup's end.
async function leave(page, button) {
  const next = Promise.race([page.waitForEvent("domcontentloaded"), page.waitForEvent("close")]);
  await Promise.all([next, page.click(button, { noWaitAfter: true })]);
}
