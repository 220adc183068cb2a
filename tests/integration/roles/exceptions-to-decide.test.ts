import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import type { Caller } from "@/lib/platform/caller";
import { countInWords, countWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
import { exceptionsToDecide } from "@/lib/queries/roles/exceptions-to-decide";
import { type Conflicts, makeConflicts } from "../../support/conflicts";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Conflicts;
beforeAll(async () => {
  at = await makeConflicts(() => now);
});
beforeEach(() => {
  now = addMinutes(now, 60 * 24 * 100);
});
afterAll(() => at.test.drop());

/** The exceptions that each of them finds. The count agrees. */
async function found(caller: Caller): Promise<string[]> {
  const rows = await exceptionsToDecide(at.database, caller, 5);
  const waiting = await countWaitingForMe(at.database, caller);
  expect(waiting).toMatchObject({ activations: 0, extensions: 0, exceptions: rows.length });
  expect(countInWords(waiting)).toBe(rows.length === 0 ? "" : String(rows.length));
  return rows.map(({ id }) => id);
}

it("another administrator finds an exception that waits, and nobody else does", async () => {
  const rule = await at.rule();
  const [ada, anna, below] = [
    await at.person("Ada"),
    await at.administrator(),
    await at.administrator("Ben Below", at.tree.group.id),
  ];
  const inTeam = await at.administrator("Tina Team");
  const team = await at.team([inTeam.userId]);
  const forAda = await at.ask(rule.id, ada.userId);
  now = addMinutes(now, 1);
  const forTeam = await at.ask(rule.id, team.id);
  if (!forAda.ok || !forTeam.ok) throw new Error("it was refused");
  expect(await exceptionsToDecide(at.database, anna, 5)).toMatchObject([
    {
      ...{ id: forAda.exceptionId, ruleId: rule.id, ruleName: rule.name, justification: "Month end" },
      ...{ resourceId: at.tree.subscription.id, principal: { id: ada.userId } },
      askedBy: { id: at.owner.userId },
    },
    { id: forTeam.exceptionId },
  ]);
  expect(await found(anna)).toEqual([forAda.exceptionId, forTeam.exceptionId]);
  expect(await found(inTeam)).toEqual([forAda.exceptionId]);
  for (const caller of [at.owner, ada, below, await at.person("Sam Stranger")])
    expect(await found(caller)).toEqual([]);
});

it("it is gone once it is decided, withdrawn or over", async () => {
  const rule = await at.rule();
  const anna = await at.administrator();
  const ask = async (name: string) => {
    const asked = await at.ask(rule.id, (await at.person(name)).userId);
    if (!asked.ok) throw new Error(asked.error.code);
    return asked.exceptionId;
  };
  const [approved, denied, withdrawn, over] = [
    await ask("Ada"),
    await ask("Bea"),
    await ask("Cleo"),
    await ask("Dora"),
  ];
  await at.approve(approved, anna);
  await at.end(denied, "Deny", anna);
  await at.end(withdrawn, "Withdraw", at.owner);
  expect(await found(anna)).toEqual([over]);
  now = addMinutes(now, 24 * 60);
  expect(await found(anna)).toEqual([]);
});

it("shows a few, and says that there are more", async () => {
  const rule = await at.rule();
  const anna = await at.administrator();
  for (const name of ["Ada", "Bea", "Cleo"]) await at.ask(rule.id, (await at.person(name)).userId);
  expect(await exceptionsToDecide(at.database, anna, 2)).toHaveLength(3);
  expect(await exceptionsToDecide(at.database, anna, 1)).toHaveLength(2);
});
