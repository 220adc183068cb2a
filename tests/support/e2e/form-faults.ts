import { expect, type Locator, type Page } from "@playwright/test";
import { forEachDialog } from "./dialogs";

const long = "A long reason without an end ".repeat(200);
const written = "input:not([type]), input[type=text], textarea";
/** Forms that send by script. Searches and filters are links to their own page. */
const forms = "form:not([action], [method=get]):has([type=submit]:visible)";

/** What was sent, without the parts of the body that differ by chance. */
function sent(page: Page) {
  const posts: string[] = [];
  const answer: (() => void)[] = [];
  const ready = page.route(
    (url) => !url.pathname.startsWith("/_next"),
    async (route) => {
      const request = route.request();
      if (request.method() !== "POST") return route.fallback();
      const boundary = /boundary=(.+)$/.exec(request.headers()["content-type"] ?? "")?.[1] ?? "none";
      posts.push(
        `${request.headers()["next-action"]} ${(request.postData() ?? "").replaceAll(boundary, "")}`,
      );
      await new Promise<void>((resolve) => answer.push(resolve));
      await route.abort().catch(() => undefined);
    },
  );
  return {
    ready,
    posts,
    lose: () => {
      for (const each of answer.splice(0)) each();
    },
  };
}

const drawn = (page: Page) =>
  page.evaluate(
    () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
  );

async function faultsOf(page: Page, form: Locator, what: string): Promise<string[]> {
  const faults: string[] = [];
  const broken = (error: Error) => faults.push(`${what}: ${error.message}`);
  page.on("pageerror", broken);
  const { ready, posts, lose } = sent(page);
  await ready;
  const found = form.locator(written).and(page.locator(":visible:enabled:not([name=code], [role=combobox])"));
  const fields = await found.all();
  const lengths = await found.evaluateAll((elements) =>
    elements.map((element) => Number(element.getAttribute("maxlength"))),
  );
  const texts: string[] = [];
  for (const [index, field] of fields.entries()) {
    await field.fill(long.slice(0, lengths[index] || long.length));
    texts.push(await field.inputValue());
  }
  const dates = await form.locator("input[type=datetime-local]:visible").all();
  for (const date of dates) {
    await date.fill("");
    await date.focus();
    await page.keyboard.type("12");
  }
  const submit = form.locator("[type=submit]:visible").last();
  await submit.focus();
  await expect(submit, what).toBeInViewport({ ratio: 0.9 });
  // A dialog in the middle of an odd number of pixels reports one more than it has.
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll("html, [role=dialog]")].map((each) => each.scrollWidth - each.clientWidth),
  );
  if (Math.max(...wide) > 1) faults.push(`${what}: is ${Math.max(...wide)} pixels wider than the screen`);
  posts.splice(0);
  await submit.dblclick();
  await drawn(page);
  const [first] = fields;
  if (first && (await first.evaluate((field) => field.tagName === "INPUT"))) await first.press("Enter");
  await drawn(page);
  const twice = posts.filter((post, index) => posts.indexOf(post) !== index);
  if (twice.length > 0) faults.push(`${what}: is sent twice`);
  for (const date of dates) {
    const name = (await date.getAttribute("name")) ?? "";
    const named = posts.every((post) => !post.includes(name) || post.includes("unread"));
    if (!named) faults.push(`${what}: half a date in ${name} is sent as none`);
  }
  const asked = posts.length > 0;
  lose();
  // Shown inside the form. If the dialog closes first, the message would only be in a notice, which covers the
  // corner.
  if (asked) await expect(page.getByText("The server did not answer").first(), what).toBeVisible();
  const kept = await found.evaluateAll((elements) =>
    elements.map((element) => String(Reflect.get(element, "value"))),
  );
  // What differs is asked for once more, field by field, since the list has others if one was added or disabled meanwhile.
  for (const [index, field] of fields.entries())
    if (kept[index] !== texts[index] && (await field.inputValue()) !== texts[index])
      faults.push(`${what}: loses what was typed`);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  page.off("pageerror", broken);
  return faults;
}

/**
 * Faults of the forms of a page and of its dialogs under ordinary handling: a long text, half a date, a double
 * click and one Enter too many, on a screen enlarged to 200 %. Nothing reaches the server, so that no form
 * changes anything.
 */
export async function formFaults(page: Page, what: string): Promise<string[]> {
  await page.setViewportSize({ width: 683, height: 384 });
  const faults: string[] = [];
  for (const form of await page.getByRole("main").locator(forms).all())
    faults.push(...(await faultsOf(page, form, what)));
  await forEachDialog(page, async (dialog, kind) => {
    const form = dialog.locator(forms).first();
    if ((await form.count()) > 0) faults.push(...(await faultsOf(page, form, `${what} › ${kind}`)));
  });
  return faults;
}
