import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { makeAdministration } from "../../support/administration";
import { recordLocks, type TakenLock } from "../../support/database/lock-record";
import { makeGroup, makeProof } from "../../support/factories";
import { gatesOfAlways } from "../../support/gates/always";
import { gatesOfPeople } from "../../support/gates/people";
import { groundAt, verbs } from "../../support/verbs/all";
import { because, type Ground, succeeded } from "../../support/verbs/verb";

const now = new Date("2026-03-02T09:00:00Z");
let here: Ground;
beforeAll(async () => {
  const at = await makeAdministration(() => now);
  here = await groundAt(at, now, at.tree.subscription);
});
afterAll(() => here.at.test.drop());

/** Judging conflicts: the rules, who is in which group, each rule and each person. */
const conflicts = "lock_role_conflicts";

/** The order that docs/decisions/locking-order.md gives: the beginning of each line, and the locks that it means. */
const order: readonly { readonly line: string; readonly locks: readonly string[] }[] = [
  { line: "several roles", locks: [`advisory ${advisoryLocks.settingsOfRoles}`] },
  { line: "the import that is confirmed", locks: ["imports"] },
  { line: "the graph of groups", locks: [`advisory ${advisoryLocks.groupGraph}`] },
  { line: "the principal that is changed", locks: ["principals"] },
  { line: "the names that somebody takes", locks: [`advisory ${advisoryLocks.names}`] },
  { line: "the resources that an import names", locks: [] },
  {
    line: "the access review",
    locks: [
      "access_reviews",
      "access_review_items",
      "access_review_named_reviewers",
      "access_review_informed",
    ],
  },
  { line: "the scheduled export", locks: ["export_schedules", "export_recipients", "import_schedules"] },
  { line: "the role definition", locks: ["role_definitions"] },
  { line: "where resources lie", locks: [`advisory ${advisoryLocks.treeShape}`, "lock_tree_shape"] },
  { line: "role management policies", locks: ["role_management_policies", "lock_role_settings"] },
  { line: "the root resource", locks: ["resources"] },
  { line: "the review of an emergency activation", locks: ["break_glass_reviews"] },
  { line: "the eligibility", locks: ["eligibilities"] },
  { line: "the assignments", locks: ["assignments"] },
  { line: "a member's reach", locks: ["reach"] },
  { line: "requests", locks: ["requests", "request_approvals"] },
  {
    line: "conflicting roles",
    locks: [
      `advisory ${advisoryLocks.conflictRules}`,
      "conflict_exceptions",
      "conflict_rules",
      "conflict_rule_roles",
      conflicts,
    ],
  },
  {
    line: "what signs somebody in",
    locks: [
      "password_credentials",
      "password_tickets",
      "factor_passes",
      "factor_resets",
      "totp_factors",
      "recovery_codes",
      "passkeys",
      "identity_link_passes",
      "identity_links",
      "sessions",
      "break_glass_sign_ins",
      "break_glass_accounts",
    ],
  },
  { line: "the directory", locks: ["directories", "directory_drift"] },
];

/** Rows that no verb locks together with one of those above, or that are written when all locks are held. */
const apart = [
  // Under the names that changes of the tree lock.
  "own_resource_types",
  "retirements",
  "installation",
  "sign_in_rules",
  "alerts",
  "alert_scans",
  "alert_scan_state",
  "alert_settings",
  "group_members",
  "import_rows",
  "notification_outbox",
  "mail_messages",
  "notifications",
  "sign_in_throttles",
  "step_up_challenges",
];

/** A lock as the list names it. */
function nameOf({ of, sql }: TakenLock): string {
  return of === "principals" && /principal_and_groups|\/\* reach \*\//.test(sql) ? "reach" : of;
}

const proof = "step_up_proofs";
const assignments = order.findIndex(({ locks }) => locks.includes("assignments")) + 1;

/** The place of each lock that a transaction takes, in its order. Changes under a lock that it already has take none. */
function placesOf(taken: readonly TakenLock[]): { name: string; place: number }[] {
  const held = new Set<string>();
  let last = 0;
  const at = (name: string, place: number) => {
    last = place;
    return [{ name, place }];
  };
  return taken.flatMap((lock) => {
    const name = nameOf(lock);
    const again = `${lock.of} ${lock.sql} ${lock.values}`;
    if (apart.includes(name) || held.has(again) || (lock.by === "write" && held.has(name))) return [];
    held.add(name).add(again);
    // The proof comes after everything that decides is locked. Ending other things may come after it, and so
    // may conflicts.
    if (name === proof || name === conflicts) return at(name, Math.max(last, assignments));
    // The names of a role are taken after its row.
    const asked =
      name === `advisory ${advisoryLocks.names}` && held.has("role_definitions") ? "role_definitions" : name;
    const place = order.findIndex(({ locks }) => locks.includes(asked));
    if (place === -1) throw new Error(`${name} is not in the order of locks: ${lock.sql}`);
    return at(name, place + 1);
  });
}

/** Fails unless each transaction takes its locks in the order of the list. */
function expectInOrder(transactions: readonly (readonly TakenLock[])[], batch = false): void {
  for (const taken of transactions) {
    const places = placesOf(taken);
    for (const [index, { name, place }] of places.entries()) {
      const before = places[index - 1];
      // A batch does one row after the other, each in the order.
      const next = batch && name === "role_definitions";
      if (before && before.place > place && !next)
        expect.fail(`${name} is locked after ${before.name}: ${places.map((each) => each.name).join(", ")}`);
    }
  }
}

/** Does something, returns its result, and asserts that it took locks in order. */
async function inOrder<Result>(work: () => Promise<Result>, batch = false): Promise<Result> {
  const { result, transactions } = await recordLocks(work);
  expectInOrder(transactions, batch);
  return result;
}

it("the list in the record of the decision is the one that is held here", () => {
  const text = readFileSync("docs/decisions/locking-order.md", "utf8");
  const lines = [...text.matchAll(/^\d+\. (.+)$/gm)].map((match) => match[1] ?? "");
  expect(lines).toHaveLength(order.length);
  for (const [index, { line }] of order.entries()) expect(lines[index]).toMatch(new RegExp(`^${line}`));
});

describe("locks are taken in order", () => {
  it.each(Object.entries(verbs))("%s", async (_name, { arrange }) => {
    const attempt = await arrange(here);
    const result = await inOrder(() => attempt.call(attempt.caller, attempt.input));
    expect(succeeded(result), JSON.stringify(result)).toBe(true);
  });

  it("putting a group into another", async () => {
    const { database, owner } = here.at;
    const [outer, inner] = [await makeGroup(database, []), await makeGroup(database, [])];
    const input = { groupId: outer.id, memberIds: [inner.id], ...because, proofId: null };
    const { result, transactions } = await recordLocks(() => addGroupMembers(database, owner, input));
    expect(result).toMatchObject({ ok: true });
    expectInOrder(transactions);
    expect(transactions.flat().map(nameOf)).toContain(`advisory ${advisoryLocks.groupGraph}`);
  });

  it.each([
    ...Object.entries(gatesOfPeople).filter(([, { kind }]) => kind === "ApplyImport"),
    ...Object.entries(gatesOfAlways),
  ])("%s", async (_name, gate) => {
    const world = { ...here.at, now: () => now };
    const gated = await gate.arrange(world);
    const proofId = await makeProof(world.database, gated.caller, gated.operation);
    expect(await inOrder(() => gated.run(proofId), ["AssignRoles", "MakeEligible"].includes(gate.kind))).toBe(
      "done",
    );
  });
});
