import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAdministration } from "../../support/administration";
import { everything } from "../../support/database/everything";
import type { Organisation } from "../../support/privileges";
import { groundAt, verbs } from "../../support/verbs/all";
import { type Ground, leavesOf, replaced, succeeded } from "../../support/verbs/verb";

/** Verbs that change nothing but one's own lists and choices. */
const ownChoices = [
  "choose-mail",
  "choose-shortcuts",
  "choose-times",
  "dismiss-getting-started",
  "keep-bundle",
  "keep-favourite",
  "keep-favourite-resource",
  "keep-filter",
  "mark-notifications-read",
];
/** Functions that are parts of verbs in the table, and those that only write to the log. */
const parts = ["record-export", "request-extension-or-renewal"];

const now = new Date("2026-03-02T09:00:00Z");
let at: Organisation;
let here: Ground;
let elsewhere: Readonly<Record<"beside" | "above" | "below", Ground>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  here = await ground(at.tree.subscription);
  const scope = `/subscriptions/${randomUUID()}`;
  const resourceType = "Microsoft.Resources/subscriptions";
  const sibling = { parentId: at.tree.root.id, scope, displayName: "Staging", resourceType };
  const beside = await at.database.client.resource.create({ data: sibling });
  elsewhere = {
    beside: await ground(beside),
    above: await ground(at.tree.root),
    below: await ground(at.tree.group),
  };
});
afterAll(() => at.test.drop());

const ground = (place: Ground["place"]) => groundAt(at, now, place);

/** Traces that proofs of a test leave, and notices to administrators about attempts. */
const asides = ["step_up_challenges", "step_up_proofs", "notification_outbox"];

/** Calls that must have no effect: whether refused or thrown out, nothing has changed when all have been made. */
async function comeToNothing(calls: ReadonlyMap<string, () => Promise<unknown>>): Promise<void> {
  const before = await everything(at.test, asides);
  for (const [why, call] of calls) {
    const result = await call().catch((thrown) => ({ ok: false, thrown: String(thrown) }));
    expect(succeeded(result), `${why}: ${JSON.stringify(result)}`).toBe(false);
  }
  expect(await everything(at.test, asides)).toEqual(before);
}

const isId = (value: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);

/** Finds an id among all things that have one. */
let whereIsId: string | undefined;

/** The kind of thing that an id is of. */
async function tableOf(id: string): Promise<string> {
  if (whereIsId === undefined) {
    const { rows } = await at.test.asOwner(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND column_name = 'id' AND data_type = 'uuid'`,
    );
    whereIsId = rows
      .map(({ name }) => `SELECT '${name}' AS name FROM ${name} WHERE id = $1`)
      .join(" UNION ALL ");
  }
  const { rows } = await at.test.asOwner({ name: "where is id", text: whereIsId, values: [id] });
  return rows[0]?.name ?? "none";
}

describe.each(Object.entries(verbs))("%s", (_, { arrange, anywhere }) => {
  it("is done by whoever may, and by nobody who is disabled", async () => {
    const attempt = await arrange(here);
    const { userId } = attempt.caller;
    const disable = (disabledAt: Date | null) =>
      at.database.client.principal.update({ where: { id: userId }, data: { disabledAt } });
    await disable(now);
    await comeToNothing(new Map([["disabled", () => attempt.call(attempt.caller, attempt.input)]]));
    await disable(null);
    const result = await attempt.call(attempt.caller, attempt.input);
    expect(succeeded(result), JSON.stringify(result)).toBe(true);
  });

  it("takes no unknown id, and none of another kind of thing", async () => {
    const attempt = await arrange(here);
    const ids = leavesOf(attempt.input).filter(({ value }) => isId(value));
    const things = await Promise.all(
      ["roles", "resources", "principals", "requests", "eligibilities", "assignments", "reviews"].map(thing),
    );
    const calls = new Map<string, () => Promise<unknown>>();
    for (const { path, value } of ids) {
      const kind = await tableOf(value);
      const others = things.filter((each) => each !== null && each.table !== kind);
      for (const id of [randomUUID(), ...others.map((each) => each?.id ?? "")])
        calls.set(`${path.join(".")} = ${id}`, () =>
          attempt.call(attempt.caller, replaced(attempt.input, path, id)),
        );
    }
    await comeToNothing(calls);
  });

  it("takes no word that it does not know", async () => {
    const attempt = await arrange(here);
    const calls = new Map<string, () => Promise<unknown>>();
    const words = leavesOf(attempt.input).filter(
      ({ name, value }) => /^[A-Z][A-Za-z]+$/.test(value) && isWord(name),
    );
    for (const { path, value } of words)
      for (const word of ["Unknown", value.toLowerCase(), `${value} `, ""])
        calls.set(`${path.join(".")} = “${word}”`, () =>
          attempt.call(attempt.caller, replaced(attempt.input, path, word)),
        );
    await comeToNothing(calls);
  });

  it.each(["beside", "above"] as const)(
    "ties nothing of a part of the organisation to what is %s it, and nothing of one person's to another's",
    async (where) => {
      const [mine, theirs] = [await arrange(here), await arrange(elsewhere[where])];
      // An administrator of everything may name things of every place.
      if (mine.caller.userId === here.root.userId) return;
      const calls = new Map<string, () => Promise<unknown>>();
      const others = new Map(leavesOf(theirs.input).map(({ path, value }) => [path.join("."), value]));
      for (const { path, name, value } of leavesOf(mine.input)) {
        const other = others.get(path.join("."));
        const scoped = isId(value) || value.startsWith("/");
        if (!scoped || other === undefined || other === value || anywhere.includes(name)) continue;
        calls.set(`${path.join(".")} of elsewhere`, () =>
          mine.call(mine.caller, replaced(mine.input, path, other)),
        );
      }
      calls.set("all of it from elsewhere", () => mine.call(mine.caller, theirs.input));
      await comeToNothing(calls);
    },
  );

  it("is done above by nobody who administers what is below", async () => {
    const [mine, below] = [await arrange(here), await arrange(elsewhere.below)];
    if (mine.caller.userId !== here.admin.userId) return;
    const call = () => mine.call(below.caller, mine.input);
    await comeToNothing(new Map([["by an administrator of what is below", call]]));
  });
});

/** Names of parts whose values are words of a list. */
function isWord(name: string): boolean {
  return [
    "assignmentType",
    "decision",
    "change",
    "verdict",
    "covers",
    "reviewers",
    "recurrence",
    "kind",
    "type",
  ]
    .concat(["withoutAnswer", "contents", "frequency"])
    .includes(name);
}

/** One thing of a kind; null if there is none. */
async function thing(kind: string): Promise<{ table: string; id: string } | null> {
  const table = { roles: "role_definitions", reviews: "access_reviews" }[kind] ?? kind;
  const { rows } = await at.test.asOwner(`SELECT id FROM ${table} ORDER BY id LIMIT 1`);
  return rows[0] ? { table, id: rows[0].id } : null;
}

describe("the verbs", () => {
  it("are all in the table", () => {
    const folder = join(import.meta.dirname, "../../../lib/operations");
    const called = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .filter((name) =>
        /export (async )?function \w+\(\s*database: Database,\s*caller: Caller/.test(
          readFileSync(join(folder, name), "utf8"),
        ),
      )
      .map((name) => basename(name, ".ts"));
    const known = new Set([...Object.values(verbs).map(({ file }) => file), ...ownChoices, ...parts]);
    expect(called.filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !called.includes(name))).toEqual([]);
  });
});
