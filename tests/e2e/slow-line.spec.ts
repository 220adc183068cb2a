import { expect } from "@playwright/test";
import { signIn, test } from "../support/e2e";

test("a click on Activate before the panel's code is there opens the panel once it has come", async ({
  page,
}) => {
  await signIn(page, "member", "/my-roles");
  const open = page.getByRole("button", { name: "Activate Contributor on Contoso Production" });
  await expect(open).toBeVisible();
  // The corner for toasts is the last thing that a page loads by itself.
  await expect(page.getByRole("region", { name: /^Notifications/ })).toBeAttached();
  const arrive: (() => void)[] = [];
  let slow = true;
  await page.route("**/_next/static/chunks/**", async (route) => {
    if (slow) await new Promise<void>((resolve) => arrive.push(resolve));
    await route.continue();
  });
  await open.click();
  await expect.poll(() => arrive.length).toBeGreaterThan(0);
  await expect(page.getByRole("dialog")).toBeHidden();
  slow = false;
  for (const each of arrive) each();
  const reason = page.getByRole("dialog").getByLabel("Reason");
  await expect(reason).toBeVisible();
  await expect(reason).toBeFocused();
});
