import { expect } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, signIn, test } from "../../support/e2e/e2e";
import { address, madeThere, readers, routes, signedOut } from "../../support/e2e/page-addresses";

/** The longest possible names that people see in rows: half of them without a space, half written from right to left. */
const longest = [
  { table: "principals", column: "display_name", length: 256, which: "true" },
  { table: "resources", column: "display_name", length: 256, which: "parent_id IS NOT NULL" },
  {
    table: "role_definitions",
    column: "role_name",
    length: 512,
    which:
      "id IN (SELECT role_definition_id FROM eligibilities UNION SELECT role_definition_id FROM assignments UNION SELECT role_definition_id FROM requests)",
  },
  { table: "access_reviews", column: "name", length: 100, which: "true" },
  { table: "saved_filters", column: "name", length: 60, which: "true" },
  { table: "bundles", column: "name", length: 60, which: "true" },
  { table: "passkeys", column: "name", length: 60, which: "true" },
  { table: "directories", column: "name", length: 256, which: "true" },
  { table: "conflict_rules", column: "name", length: 120, which: "true" },
] as const;

/** Things that the demo has none of, for the Owner: passkeys, links, directories, and a browser with an unusual name. */
async function addPeoplesThings(): Promise<() => Promise<unknown>> {
  const mine = `(SELECT id FROM principals WHERE email = '${account("owner").email}')`;
  const word = "observerofeverything".repeat(10);
  await ask(`SET session_replication_role = replica;
    INSERT INTO passkeys (user_id, credential_id, public_key, counter, backup_eligible, backed_up, name)
      SELECT ${mine}, sha256(n::text::bytea), '\\x01', 0, true, true, 'Key ' || n FROM generate_series(1, 2) n;
    INSERT INTO directories (name, created_by_id) SELECT 'Overflow ' || n, ${mine} FROM generate_series(1, 2) n;
    INSERT INTO directory_drift (directory_id, kind, subject, principal_id, says, reason)
      SELECT id, 'NameTaken', 'overflow', ${mine}, 'There is ${word}@contoso.example.', '${word}' FROM directories;
    INSERT INTO identity_links (principal_id, issuer, subject, address, directory_id)
      SELECT ${mine}, 'https://overflow.example/' || id, '${word}', '${word}@contoso.example', id FROM directories;
    INSERT INTO sessions (user_id, secret_hash, expires_at, ip_address, user_agent)
      SELECT ${mine}, sha256('overflow'), now() + interval '8 hours', '2001:db8:85a3:8d3:1319:8a2e:370:7348', '${word}'`);
  return () =>
    ask(`SET session_replication_role = replica;
      DELETE FROM passkeys WHERE user_id = ${mine} AND public_key = '\\x01';
      DELETE FROM identity_links WHERE issuer LIKE 'https://overflow.example/%';
      DELETE FROM directory_drift WHERE subject = 'overflow';
      DELETE FROM directories WHERE name LIKE 'Overflow %';
      DELETE FROM sessions WHERE user_id = ${mine} AND secret_hash = sha256('overflow')`);
}

/** Gives everything its longest name, bypassing the database's rules. Returns a function that restores the names. */
async function giveLongestNames(): Promise<() => Promise<void>> {
  const kept = "list = 'audit' AND query = 'range=24h' AND name LIKE 'Mine %'";
  await ask(
    "INSERT INTO saved_filters (user_id, list, name, query) SELECT id, 'audit', 'Mine ' || n, 'range=24h' FROM principals, generate_series(1, 2) n WHERE email = $1",
    [account("owner").email],
  );
  const undo: (() => Promise<unknown>)[] = [];
  const removeThem = await addPeoplesThings();
  for (const { table, column, length, which } of longest) {
    const rows = await ask<{ id: string; name: string }>(
      `SELECT id, ${column} AS name FROM ${table} WHERE ${which} ORDER BY id`,
    );
    const write = (names: readonly string[]) =>
      ask(
        `SET session_replication_role = replica;
         UPDATE ${table} t SET ${column} = n.name
         FROM jsonb_to_recordset('${JSON.stringify(rows.map(({ id }, index) => ({ id, name: names[index] }))).replaceAll("'", "''")}')
           AS n (id uuid, name text) WHERE t.id = n.id`,
      );
    undo.push(() => write(rows.map(({ name }) => name)));
    await write(
      rows.map((_, index) => {
        const word = index % 2 === 0 ? "ObserverOfEverything" : "مراقب المنصة الإقليمية ";
        return `${index} ${word.repeat(40)}`.slice(0, length).trim();
      }),
    );
  }
  return async () => {
    for (const each of undo) await each();
    await removeThem();
    await ask(`DELETE FROM saved_filters WHERE ${kept}`);
  };
}

/** The name of a provider is in the configuration, so it is lengthened where it is shown. */
function lengthenProvider(): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode())
    if (text.nodeValue?.includes("Demo provider"))
      text.nodeValue = text.nodeValue.replaceAll("Demo provider", "ObserverOfEverything".repeat(3));
}

/**
 * Names that show the characters that isolate them, names that stand below their icon, names that are cut in a list of
 * few columns although there is room, and short words that take two lines beside long names.
 */
function misdrawnNames(): string[] {
  const shown = document.querySelector("main")?.textContent ?? "";
  const below = [...document.querySelectorAll(".cell-icon")].filter((icon) => {
    const name = icon.nextElementSibling?.getBoundingClientRect();
    return name && name.top >= icon.getBoundingClientRect().bottom;
  });
  const cut = [...document.querySelectorAll(".table:not(:has(th:nth-child(4))) .principal bdi")].filter(
    (name) => {
      const cell = name.closest("td")?.clientWidth ?? 0;
      return name.scrollWidth > name.clientWidth && cell - name.clientWidth > 60;
    },
  );
  const broken = [...document.querySelectorAll(".table .quiet")].filter((each) => {
    const words = document.createRange();
    words.selectNodeContents(each);
    return new Set([...words.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  });
  return [
    ...cut.map((name) => `cut with room beside it: ${name.textContent.slice(0, 30)}`),
    ...broken.map((each) => `takes two lines: ${each.textContent}`),
    ...(shown.match(/.{0,20}\(U\+20.{0,20}/g) ?? []),
    ...below.map((icon) => `below its icon: ${icon.parentElement?.textContent.slice(0, 30)}`),
  ];
}

test("no page scrolls sideways from 320 pixels up, with rows in it and the longest names", async ({
  page,
}) => {
  test.setTimeout(420_000);
  await signIn(page, "owner");
  const paths = new Map<string, string[]>();
  for (const route of [
    ...routes,
    "/people/[groupId]",
    "/resources?view=list",
    "/resources/[resourceId]/assignments?tab=expired",
  ]) {
    if (signedOut.includes(route)) continue;
    const path = await (madeThere[route]?.(page) ?? address(route));
    const reader = readers[route] ?? "owner";
    paths.set(reader, [...(paths.get(reader) ?? []), path]);
  }
  for (const path of ["/", "/my-roles", "/my-roles?tab=bundles", "/approvals", "/my-requests"])
    for (const key of ["member", "approver"]) paths.set(key, [...(paths.get(key) ?? []), path]);
  paths.set("nobody", ["/sign-in", "/sign-in?provider=demo&fault=Unreachable", "/sign-in?out=demo"]);
  const putBack = await giveLongestNames();
  const wide: string[] = [];
  try {
    for (const [key, list] of paths) {
      const own = await (await page.context().browser()?.newContext())?.newPage();
      if (!own) throw new Error("there is no browser");
      for (const path of list) {
        await own.setViewportSize({ width: 320, height: 740 });
        const at = new URL(path, page.url()).href;
        const response = await (key === "nobody" ? own.goto(at) : signIn(own, key, at));
        if (response?.status() !== 200) wide.push(`${path} as ${key}: ${response?.status()}`);
        await own.waitForLoadState("load");
        await own.evaluate(lengthenProvider);
        for (const width of [320, 360, 768, 1366]) {
          await own.setViewportSize({ width, height: 740 });
          // A table learns in the next frame whether it fits, and is drawn accordingly in the one after. A busy
          // machine takes longer.
          const over = await own.evaluate(async () => {
            const tooWide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
            for (let frame = 0; frame < 3 || (frame < 30 && tooWide() > 0); frame += 1)
              await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
            return tooWide();
          });
          if (over > 0) wide.push(`${path} as ${key} at ${width}: ${over} too wide`);
        }
        wide.push(...(await own.evaluate(misdrawnNames)).map((fault) => `${path} as ${key}: ${fault}`));
      }
      await own.context().close();
    }
  } finally {
    await putBack();
  }
  expect(wide).toEqual([]);
});

test("the panel to activate a role fits a small phone, whatever reasons were given lately", async ({
  page,
}) => {
  const written = await ask<{ id: string; justification: string }>(
    "SELECT r.id, r.justification FROM requests r JOIN principals p ON p.id = r.requestor_id WHERE p.email = $1",
    [account("member").email],
  );
  expect(written.length).toBeGreaterThan(0);
  const write = (reasons: typeof written) =>
    ask(`SET session_replication_role = replica;
      UPDATE requests t SET justification = n.justification
      FROM jsonb_to_recordset('${JSON.stringify(reasons).replaceAll("'", "''")}') AS n (id uuid, justification text)
      WHERE t.id = n.id`);
  await write(written.map((row, index) => ({ ...row, justification: `${index} A long reason `.repeat(20) })));
  try {
    await page.setViewportSize({ width: 320, height: 740 });
    await signIn(page, "member", "/my-roles");
    // The demo's member has given reasons for it. Which role is first depends on other journeys.
    await page
      .getByRole("button", { name: "Activate Contributor on Contoso Production", exact: true })
      .click();
    const panel = page.getByRole("dialog");
    await expect(panel.getByRole("group", { name: "Used recently" })).toBeVisible();
    expect(await panel.evaluate((each) => each.scrollWidth - each.clientWidth)).toBe(0);
  } finally {
    await write(written);
  }
});
