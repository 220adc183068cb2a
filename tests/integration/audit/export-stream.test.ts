import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExportSource, exportStream } from "@/app/(portal)/export-stream";
import { endSession } from "@/lib/identity/sessions/sessions";
import { previewAssignRoles } from "@/lib/operations/assignments/assign-roles";
import type { Caller } from "@/lib/platform/caller";
import { auditReach } from "@/lib/queries/audit/audit";
import { type Administration, makeAdministration } from "../../support/administration";
import { grant, makeRole, pastTheRules } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

/** Somebody who may read the log at the subscription, and the assignment that allows it. */
async function auditor() {
  const caller = await at.person("Rita Reader");
  const role = await makeRole(at.database, "Log Reader", { actions: ["*/read"] });
  const held = await grant(at.database, "active", caller.userId, role.id, at.tree.subscription.id);
  return { caller, held };
}

/** A list without end, read a row at a time, as long as the caller may read the log there. */
async function endless(caller: Caller) {
  const reach = await auditReach(at.database, caller);
  const source: ExportSource<number, number> = {
    list: { name: "Audit log", filter: { kind: "SignIn" }, resourceId: null },
    columns: ["row"],
    async read(after) {
      if ((await auditReach(at.database, caller)) !== reach) return null;
      const row = (after ?? 0) + 1;
      return { rows: [row], next: row };
    },
    csv: (row) => [row],
    json: (row) => ({ row }),
  };
  return source;
}

const exportsOf = async (caller: Caller) =>
  at.database.client.auditEvent.findMany({
    where: { actorId: caller.userId, kind: { in: ["ExportStarted", "ExportEnded"] } },
    orderBy: { sequence: "asc" },
  });

describe("an export", () => {
  it("breaks off at the next batch when its session ends", async () => {
    const { caller } = await auditor();
    const stream = await exportStream(at.database, caller, "csv", await endless(caller));
    const reader = stream.getReader();
    const decoder = new TextDecoder();
    const next = async () => decoder.decode((await reader.read()).value);
    expect([await next(), await next(), await next()]).toEqual(["row\r\n", "1\r\n", "2\r\n"]);
    expect(await endSession(at.database, caller, caller.sessionId)).toBe(true);
    await expect(reader.read()).rejects.toThrow(/session/);
    expect(await exportsOf(caller)).toMatchObject([
      {
        kind: "ExportStarted",
        outcome: "Success",
        details: { list: "Audit log", filter: { kind: "SignIn" } },
      },
      { kind: "ExportEnded", outcome: "Failure", details: { rows: 2, ended: "refused" } },
    ]);
  });

  it("breaks off when the person is disabled, and when the right to read is lost", async () => {
    const losing: ((caller: Caller, assignmentId: string) => Promise<unknown>)[] = [
      ({ userId }) =>
        at.database.client.principal.update({ where: { id: userId }, data: { disabledAt: now } }),
      (_, id) =>
        pastTheRules(at.database, (to) =>
          to.assignment.update({ where: { id }, data: { endsAt: now, removedAt: now } }),
        ),
    ];
    for (const lose of losing) {
      const { caller, held } = await auditor();
      const stream = await exportStream(at.database, caller, "jsonl", await endless(caller));
      const reader = stream.getReader();
      expect(new TextDecoder().decode((await reader.read()).value)).toBe('{"row":1}\n');
      await lose(caller, held.id);
      await expect(reader.read()).rejects.toThrow(/right/);
      expect(await exportsOf(caller)).toMatchObject([{}, { outcome: "Failure", details: { rows: 1 } }]);
    }
  });

  it("lets nothing leave that was being read when the session ended", async () => {
    const { caller } = await auditor();
    const source = await endless(caller);
    const ending = async (after: number | null) => {
      const batch = await source.read(after);
      await endSession(at.database, caller, caller.sessionId);
      return batch;
    };
    const stream = await exportStream(at.database, caller, "jsonl", { ...source, read: ending });
    await expect(stream.getReader().read()).rejects.toThrow(/session/);
    expect(await exportsOf(caller)).toMatchObject([{}, { outcome: "Failure", details: { rows: 0 } }]);
  });

  it("is logged before a row leaves, with the number of rows when it is whole or left", async () => {
    const { caller } = await auditor();
    const short = { ...(await endless(caller)), read: async () => ({ rows: [1, 2, 3], next: null }) };
    const whole = await exportStream(at.database, caller, "csv", short);
    expect(await exportsOf(caller)).toMatchObject([{ kind: "ExportStarted" }]);
    expect(await new Response(whole).text()).toBe("row\r\n1\r\n2\r\n3\r\n");
    const left = await exportStream(at.database, caller, "csv", await endless(caller));
    const reader = left.getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    expect(await exportsOf(caller)).toMatchObject([
      { kind: "ExportStarted" },
      { kind: "ExportEnded", outcome: "Success", details: { rows: 3, ended: "complete" } },
      { kind: "ExportStarted" },
      { kind: "ExportEnded", outcome: "Success", details: { rows: 1, ended: "canceled" } },
    ]);
  });
});

it("logs a preview of what the caller may not do, once a preview", async () => {
  const { caller } = await auditor();
  const role = await at.protectedRole();
  const people = [await at.person("First"), await at.person("Second")];
  await previewAssignRoles(at.database, caller, {
    assignmentType: "Eligible",
    roleDefinitionIds: [role.id],
    resourceId: at.tree.subscription.id,
    principalIds: people.map((person) => person.userId),
    startsAt: null,
    endsAt: null,
    justification: "Because",
  });
  const events = await at.database.client.auditEvent.findMany({ where: { actorId: caller.userId } });
  expect(events).toMatchObject([
    {
      kind: "EligibleAssignmentAdded",
      outcome: "Failure",
      details: { preview: true, refusedRows: 2, error: "AuthorizationFailed" },
    },
  ]);
});
