import { expect } from "@playwright/test";
import { axeFindings, dialogFindings } from "../../support/e2e/axe-findings";
import { signIn, test } from "../../support/e2e/e2e";
import { formFaults } from "../../support/e2e/form-faults";
import { keyboardFaults } from "../../support/e2e/keyboard-faults";
import { address, open, readers, routes, signedOut } from "../../support/e2e/page-addresses";
import { sharedPage } from "../../support/e2e/shared-page";

// One load of each page for all checks of it, since loading it takes as long as checking it. Each part reports
// its own findings. Any worker takes the next page.
test.describe.configure({ mode: "parallel" });

const wide = { width: 1440, height: 900 };

for (const route of routes) {
  const anybody = signedOut.includes(route);
  const what = anybody ? "axe finds" : "Tab, axe and hasty hands find";
  test(`${what} nothing wrong on ${route}, nor in its dialogs`, async ({ browser, baseURL }) => {
    const key = anybody ? "nobody" : (readers[route] ?? "owner");
    const page = await sharedPage(browser, baseURL, key, { width: 1366, height: 768 });
    const response = anybody ? await page.goto(route) : await open(page, key, route);
    expect(response?.status(), route).toBe(200);
    if (!anybody)
      await test.step("with Tab, the focus goes through it in the order of the page, and is seen", async () => {
        expect.soft(await keyboardFaults(page), "by keyboard").toEqual([]);
      });
    await test.step("axe finds nothing, in both themes, wide and narrow", async () => {
      await page.setViewportSize(wide);
      const found = [...(await axeFindings(page, route)), ...(await dialogFindings(page, route))];
      expect.soft(found, "by axe").toEqual([]);
    });
    if (!anybody)
      await test.step("its forms take a double click, a long text and half a date, at 200 %", async () => {
        expect.soft(await formFaults(page, route), "with its forms").toEqual([]);
      });
  });
}

const assignments = "/resources/[resourceId]/assignments";
const checked = "/resources/[resourceId]/check-access?principal=[principalId]&operation=*/read";

/** Pages as other people see them, and addresses that show more than the plain page. */
for (const [key, route] of [
  ["member", "/"],
  ["member", "/my-roles"],
  ["member", "/my-roles?tab=bundles"],
  ["member", "/my-roles?tab=expired"],
  ["eligible-owner", "/resources/[resourceId]"],
  ["newcomer", "/account/security"],
  ["newcomer", "/account/security/enrol"],
  ["newcomer", "/account/security/passkey"],
  ["approver", "/"],
  ["auditor", "/"],
  ["approver", "/approvals"],
  ["approver", "/access-reviews"],
  ["owner", "/resources?view=list"],
  ["owner", "/people?type=Group"],
  ["owner", "/people/[groupId]"],
  ["owner", `${assignments}?tab=active`],
  ["owner", `${assignments}?tab=expired`],
  ["owner", "/resources/[resourceId]/roles/[approvedId]/settings/edit"],
  [
    "owner",
    "/resources/[resourceId]/settings/replay?role=[approvedId]&activationRequiresTicket=yes&replay=1",
  ],
  ["owner", checked],
] as const) {
  test(`axe finds nothing on ${route} as ${key} sees it`, async ({ browser, baseURL }) => {
    const page = await sharedPage(browser, baseURL, key, wide);
    await open(page, key, route);
    expect([...(await axeFindings(page, route)), ...(await dialogFindings(page, route))]).toEqual([]);
  });
}

test("axe finds nothing on what is refused or missing", async ({ page }) => {
  await signIn(page, "newcomer");
  const resource = await address("/resources/[resourceId]");
  for (const path of [
    `${resource}/roles`,
    "/no-such-page",
    "/resources/01890a5d-ac96-774b-bcce-b302099a8057",
  ]) {
    await page.goto(path);
    expect(await axeFindings(page, path)).toEqual([]);
  }
});
