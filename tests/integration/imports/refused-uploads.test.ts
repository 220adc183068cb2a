import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { recordRefusedUpload } from "@/lib/identity/attempts/refused-uploads";
import { stageImport } from "@/lib/operations/imports/stage-import";
import { forgetGuesses } from "@/lib/operations/people/prune-wrong-guesses";
import { allBehind, holdLock } from "../../support/database/held-lock";
import { makeImports } from "../../support/imports";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

const refused = (where: { actorId: string } | { ipAddress: string }) =>
  at.database.client.auditEvent.findMany({
    where: { kind: "ImportStaged", outcome: "Failure", ...where },
    orderBy: { sequence: "asc" },
  });

describe("files that are refused", () => {
  it("are logged by reason, and a hundred more of one reason in one event", async () => {
    const caller = await at.person("Sam Stranger");
    const file = { import: "Users", fileName: "users.json" };
    for (let time = 0; time < 20; time += 1)
      await recordRefusedUpload(at.database, { caller }, "NotAllowed", file);
    await recordRefusedUpload(at.database, { caller }, "TooLarge", file);
    expect(await refused({ actorId: caller.userId })).toMatchObject([
      { sessionId: caller.sessionId, details: { ...file, error: "NotAllowed" } },
      { details: { ...file, error: "TooLarge" } },
    ]);
    now = addMinutes(start, 5);
    await recordRefusedUpload(at.database, { caller }, "NotAllowed", file);
    expect((await refused({ actorId: caller.userId })).at(-1)).toMatchObject({
      details: { error: "NotAllowed", attempts: 20 },
    });
  });

  it("without a session are logged once in a quarter of an hour for a whole network, however many at once", async () => {
    const from = (ipAddress: string) =>
      recordRefusedUpload(at.database, { origin: { ipAddress, userAgent: "test" } }, "NoSession");
    const addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::1:3"];
    await from("2001:db8::1");
    // Each of the others waits where the network is counted, so that none reads a count before another has
    // written it.
    const count = await holdLock(
      at.test,
      "SELECT key FROM sign_in_throttles WHERE key LIKE 'gathered:%' AND key LIKE '%2001:db8%' FOR UPDATE",
      [],
    );
    await allBehind(
      count,
      [...addresses, ...addresses, ...addresses].slice(1).map((address) => () => from(address)),
    );
    const allRefused = async () =>
      (await Promise.all(addresses.map((ipAddress) => refused({ ipAddress })))).flat();
    expect(await allRefused()).toHaveLength(1);
    now = addMinutes(start, 14);
    await from("2001:db8::9");
    expect(await refused({ ipAddress: "2001:db8::9" })).toEqual([]);
    now = addMinutes(start, 15);
    await from("2001:db8::9");
    expect(await refused({ ipAddress: "2001:db8::9" })).toMatchObject([
      { actorId: null, details: { error: "NoSession", attempts: 10 } },
    ]);
    now = addMinutes(start, 26 * 60);
    await forgetGuesses(at.database);
    expect(
      await at.database.client.signInThrottle.count({ where: { key: { startsWith: "gathered:" } } }),
    ).toBe(0);
  });

  it("that cannot be read are logged with whoever sent them", async () => {
    const input = {
      kind: "Users" as const,
      fileName: "x.json",
      capToMaximum: false,
      group: null,
      removeMembers: false,
    };
    for (const content of ["{}", "", "displayName\n\0"])
      expect(await stageImport(at.database, at.owner, { ...input, content })).toMatchObject({
        error: { code: "InvalidInput" },
      });
    const stranger = await at.person("Sam Stranger");
    expect(await stageImport(at.database, stranger, { ...input, content: "[]" })).toMatchObject({
      ok: false,
    });
    expect(await refused({ actorId: at.owner.userId })).toMatchObject(
      [1, 2, 3].map(() => ({ details: { import: "Users", fileName: "x.json", error: "InvalidInput" } })),
    );
    expect(await refused({ actorId: stranger.userId })).toHaveLength(1);
  });
});
