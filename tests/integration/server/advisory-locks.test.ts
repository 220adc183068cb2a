import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { prepareQueues } from "@/lib/platform/jobs";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { type Administration, makeAdministration } from "../../support/administration";
import { holdLock, oneBesideTheOther } from "../../support/database/held-lock";
import { makeGroup } from "../../support/factories";

let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => new Date("2026-03-02T09:00:00Z"));
});
afterAll(() => at.test.drop());

async function nestGroup() {
  const { database, owner } = at;
  const [outer, inner] = [await makeGroup(database, []), await makeGroup(database, [])];
  return () =>
    addGroupMembers(database, owner, {
      groupId: outer.id,
      memberIds: [inner.id],
      justification: "They belong together.",
      proofId: null,
    });
}

describe("what has nothing to do with each other does not wait for each other", () => {
  it("preparing the queues does not wait for somebody who puts one group into another", async () => {
    const nest = await nestGroup();
    const [nested] = await oneBesideTheOther(at.test, nest, () => prepareQueues(at.test.url, []));
    expect(nested).toMatchObject({ ok: true });
  });

  it("putting one group into another waits for no other lock of the list but that of the rules it is judged by", async () => {
    const nest = await nestGroup();
    const { groupGraph, conflictRules, ...unrelated } = advisoryLocks;
    const others = Object.values(unrelated);
    expect(others).not.toContain(groupGraph);
    expect(others).not.toContain(conflictRules);
    const held = await holdLock(
      at.test,
      "SELECT pg_advisory_xact_lock(each) FROM unnest($1::bigint[]) AS each -- all but advisoryLocks.groupGraph and .conflictRules",
      [others],
    );
    const waits = held.waitedFor().then(
      () => "waits",
      () => "waits for nobody",
    );
    const ends = nest().then(({ ok }) => (ok ? "ends" : "is refused"));
    try {
      expect(await Promise.race([ends, waits])).toBe("ends");
    } finally {
      await held.release();
      await Promise.allSettled([ends, waits]);
    }
  });
});
