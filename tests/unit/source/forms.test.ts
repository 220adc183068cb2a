import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

it("what is typed into a form never stands in the address, because it was sent before the page's script ran", () => {
  const files = ["app", "components"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".tsx"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const forms = files.filter((file) => /<form[^>]*onSubmit=/s.test(readFileSync(file, "utf8")));
  expect(forms.length).toBeGreaterThan(3);
  // Only a script sends them, so the button that Enter presses too is disabled until there is one.
  const disabled = /<button\s+type="submit"[^>]*?\sdisabled(=\{!scripted\}|\s)/s;
  const buttons = files.find((file) => file.endsWith("form-buttons.tsx")) ?? "";
  expect(withoutComments(buttons)).toMatch(disabled);
  const open = forms.filter((file) => {
    const source = withoutComments(file);
    return !disabled.test(source) && !/<FormButtons [^>]*scripted=\{scripted\}/.test(source);
  });
  expect(open).toEqual([]);
});

const withoutComments = (file: string) => readFileSync(file, "utf8").replaceAll(/^\s*\/\/.*$/gm, "");
