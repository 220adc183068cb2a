import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { bareNames } from "../../support/e2e/names-in-pages";

const files = ["app", "components"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => `${folder}/${file}`),
);

it("no page writes what people typed as it is: each says it in a way that nothing in it can act on the text around it", () => {
  expect(files.length).toBeGreaterThan(200);
  const bare = files.flatMap((file) =>
    bareNames(file, readFileSync(file, "utf8")).map(({ text }) => `${file}: ${text}`),
  );
  expect(bare).toEqual([]);
});

/** Templates that nobody reads as a sentence, or whose parts are already sentences with isolated names. */
const noSentence: Readonly<Record<string, string>> = {
  "lib/domain/imports/import-order.ts: row.displayName": "a key",
  "lib/domain/notifications/membership-notices.ts: reason": "a sentence",
  "lib/domain/people/principal-identity.ts: principal.displayName": "plain data of the log",
  "lib/domain/roles/explain-permission.ts: reason": "a sentence",
  "lib/identity/attempts/refused-uploads.ts: reason": "a key",
  "lib/operations/access-reviews/apply-review-items.ts: reviewName": "plain data of the log",
  "lib/operations/access-reviews/apply-review-items.ts: item.reason": "plain data of the log",
};

it("no sentence of the interface or of a mail has a name in it that could turn it around", () => {
  const sentences = readdirSync("lib", { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.ts$/.test(file) && !/generated|^(server|platform)\//.test(file),
  );
  expect(sentences.length).toBeGreaterThan(300);
  const bare = sentences.flatMap((file) =>
    bareNames(file, readFileSync(`lib/${file}`, "utf8")).map(({ text }) => `lib/${file}: ${text}`),
  );
  // A limit is a number.
  expect(bare.filter((each) => noSentence[each] === undefined && !/limits\./i.test(each))).toEqual([]);
});

it("finds one in every place that shows a text", () => {
  const found = (source: string) => bareNames("page.tsx", source).map(({ text }) => text);
  const places = [
    "<p>{row.roleName}</p>",
    "<p>on {row.resourceName ?? 'nothing'}</p>",
    "<>{wide ? row.displayName : null}</>",
    "<>{wide && review.name}</>",
    "<option>{each.displayName}</option>",
    "<input aria-label={each.displayName} />",
    `<Dialog title={\`Remove \${member.displayName}?\`} />`,
    `<Dialog title={\`Remove \${person?.displayName}?\`} />`,
    "<p>{request.justification}</p>",
    "<p>{roleName}</p>",
  ];
  for (const place of places) expect(found(`const page = ${place};`), place).toHaveLength(1);
  const fine = [
    "<Name of={row.roleName} />",
    `<Link href={\`/roles/\${row.roleName}\`}>x</Link>`,
    `<li key={\`\${row.roleName} x\`}>{isolated(row.roleName)}</li>`,
    `<Dialog title={\`Remove \${isolated(member.displayName)}?\`} />`,
    "<input name={props.name} value={row.displayName} />",
    `<Row row={{ displayName: \`\${row.displayName} (copy)\` }} />`,
  ];
  for (const place of fine) expect(found(`const page = ${place};`), place).toEqual([]);
});
