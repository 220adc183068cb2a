import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeRole, makeTree, makeUser } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
});
afterAll(() => test.drop());

describe.each(["eligible", "active"] as const)("two %s rows of one person, role and resource", (kind) => {
  /** Writes rows without any check of the product, each from and to so many minutes from now. */
  async function write(...times: (readonly [number, number | null])[]): Promise<void> {
    const { database } = test;
    const user = await makeUser(database);
    const role = await makeRole(database, `Reader ${randomUUID()}`, { actions: ["*/read"] });
    for (const [from, to] of times)
      await grant(database, kind, user.id, role.id, tree.subscription.id, {
        startsAt: addMinutes(now, from),
        endsAt: to === null ? null : addMinutes(now, to),
      });
  }

  it("never share a moment: the database itself forbids it", async () => {
    await expect(write([0, 60], [59, 120])).rejects.toThrow(/no_overlap/);
    await expect(write([0, null], [600, 660])).rejects.toThrow(/no_overlap/);
    await expect(write([0, 60], [0, 60])).rejects.toThrow(/no_overlap/);
  });

  it("may follow each other to the moment, and one that never was is in nobody's way", async () => {
    await write([0, 60], [60, 120], [120, null]);
    await write([30, 30], [0, 60]);
  });
});
