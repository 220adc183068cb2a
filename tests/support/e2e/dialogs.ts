import { expect, type Locator, type Page } from "@playwright/test";

/** Opens one of each kind of dialog on the page, and closes it again with Escape. */
export async function forEachDialog(
  page: Page,
  work: (dialog: Locator, kind: string) => Promise<void>,
  closed: (button: Locator, kind: string) => Promise<void> = async () => {},
): Promise<void> {
  const seen = new Set<string>();
  const buttons = page.locator('main button[aria-haspopup="dialog"]:visible');
  for (;;) {
    const all = await buttons.evaluateAll((elements) =>
      elements.map((element) => ({
        kind: (element.textContent ?? "").trim(),
        disabled: element.matches(":disabled") || element.closest("[aria-disabled=true]") !== null,
      })),
    );
    const index = all.findIndex(({ kind, disabled }) => !disabled && !seen.has(kind));
    const kind = all[index]?.kind;
    if (kind === undefined) return;
    const button = buttons.nth(index);
    seen.add(kind);
    await button.click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeVisible();
    await expect(dialog.getByText("Loading")).toHaveCount(0);
    await work(dialog, kind);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await closed(button, kind);
  }
}
