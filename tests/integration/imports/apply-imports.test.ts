import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { applyImports, importsAreDue } from "@/lib/operations/imports/apply-imports";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { discardImport } from "@/lib/operations/imports/discard-import";
import { storeBlocks } from "@/lib/operations/imports/import-digest";
import { inTransaction } from "@/lib/platform/transaction";
import { atOnce, oneBesideTheOther } from "../../support/database/held-lock";
import { makeRole, pastTheRules } from "../../support/factories";
import { azureUser, makeImports } from "../../support/imports";

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

const mfa = { ok: false, error: { failures: [{ rule: "MfaRule" }] } };
let count = 0;
/** Users that no other import names. */
const users = (length: number) => {
  count += 10_000;
  return Array.from({ length }, (_, index) => azureUser(count + index));
};
const made = (rows: readonly { id: string }[]) =>
  at.database.client.principal.count({ where: { externalId: { in: rows.map((row) => row.id) } } });
const events = (importId: string, kind: string) =>
  at.database.client.auditEvent.findMany({
    where: { kind, details: { path: ["importId"], equals: importId } },
    orderBy: { sequence: "asc" },
  });

/** A row that assigns a role with these settings, and its member. */
async function assignment(settings: object = {}) {
  const role = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  await at.database.client.roleManagementPolicy.create({
    data: {
      resourceId: at.tree.group.id,
      roleDefinitionId: role.id,
      activeMaximumDays: null,
      ...settings,
    },
  });
  const member = await at.person("Max Member");
  const row = { principal: member.email, role: role.id, scope: at.tree.group.scope };
  const held = () => at.database.client.assignment.findMany({ where: { principalId: member.userId } });
  return { role, row, held, memberId: member.userId };
}

describe("a confirmed import", () => {
  it("is applied by the worker alone, whichever of several, each row once, and confirming twice changes nothing", async () => {
    const rows = users(1_300);
    const importId = await at.stage("Users", rows);
    await applyImports(at.database);
    expect(await made(rows)).toBe(0);
    expect(await importsAreDue(at.database)).toBe(false);
    const both = await atOnce(at.test, [() => at.confirm(importId), () => at.confirm(importId)]);
    expect(both).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await events(importId, "ImportConfirmed")).toHaveLength(1);
    expect(await importsAreDue(at.database)).toBe(true);
    const taken = await oneBesideTheOther(
      at.test,
      () => applyImports(at.database),
      () => applyImports(at.database),
    );
    expect(taken.reduce((sum, each) => sum + each, 0)).toBe(1_300);
    expect(await made(rows)).toBe(1_300);
    expect(await events(importId, "PrincipalCreated")).toHaveLength(1_300);
    expect(await at.viewed(importId)).toMatchObject({ status: "Applied", left: 0 });
    const [done] = await events(importId, "ImportApplied");
    expect(done).toMatchObject({ actorId: at.owner.userId, sessionId: null, outcome: "Success" });
    await at.applyAll(importId);
    expect(await events(importId, "ImportApplied")).toHaveLength(1);
  });

  it("is confirmed by nobody who may not manage people at the root, and looks like an unknown one", async () => {
    const stranger = await at.person("Eve Else");
    const rows = users(1);
    const importId = await at.stage("Users", rows);
    const forged = await at.confirm(importId, null, stranger);
    expect(forged).toMatchObject({ ok: false, error: { code: "NotFound" } });
    expect(forged).toEqual(await at.confirm(randomUUID(), null, stranger));
    await applyImports(at.database);
    expect(await made(rows)).toBe(0);
  });

  it("stops with the right of whoever confirmed it, and continues when somebody else confirms the rest", async () => {
    const { caller, assignment: right } = await at.peopleManager();
    const rows = users(3);
    const importId = await at.stage("Users", rows);
    expect(await at.confirm(importId, null, caller)).toMatchObject({ ok: true });
    await pastTheRules(at.database, (to) =>
      to.assignment.update({ where: { id: right.id }, data: { endsAt: now, removedAt: now } }),
    );
    await applyImports(at.database);
    expect(await made(rows)).toBe(0);
    expect(await at.viewed(importId)).toEqual({
      status: "Stopped",
      left: 3,
      stopReason: "Petra People may no longer import.",
    });
    expect(await events(importId, "ImportApplied")).toMatchObject([
      { outcome: "Failure", actorId: caller.userId },
    ]);
    expect(await importsAreDue(at.database)).toBe(false);
    expect(await at.confirm(importId, null, caller)).toMatchObject({ ok: false });
    await at.applyAll(importId);
    expect(await made(rows)).toBe(3);
    expect(await at.viewed(importId)).toMatchObject({ status: "Applied", stopReason: null });
  });

  it("stops for somebody who was disabled since, and their closed session alone stops nothing", async () => {
    const { client } = at.database;
    const { caller } = await at.peopleManager();
    const [first, second] = [users(1), users(1)];
    const begun = await at.stage("Users", first);
    expect(await at.confirm(begun, null, caller)).toMatchObject({ ok: true });
    await client.session.update({ where: { id: caller.sessionId }, data: { endedAt: now } });
    await applyImports(at.database);
    expect(await made(first)).toBe(1);
    const later = await at.stage("Users", second);
    expect(await at.confirm(later, null, caller)).toMatchObject({ ok: true });
    await client.principal.update({ where: { id: caller.userId }, data: { disabledAt: now } });
    await applyImports(at.database);
    expect(await made(second)).toBe(0);
    expect(await at.viewed(later)).toMatchObject({ status: "Stopped", left: 1 });
  });

  it("that is discarded stays as far as it is", async () => {
    const rows = users(2);
    const importId = await at.stage("Users", rows);
    expect(await at.confirm(importId)).toMatchObject({ ok: true });
    expect(await discardImport(at.database, at.owner, importId)).toMatchObject({ ok: true });
    await applyImports(at.database);
    expect(await made(rows)).toBe(0);
    expect(await at.confirm(importId)).toMatchObject({ error: { code: "Conflict" } });
  });

  it("stops where a row differs from what was shown, and at once where the blocks do", async () => {
    const [late, early] = [users(1_200), users(1_200)];
    const altered = 'UPDATE import_rows SET data = data || \'{"displayName": "Eve"}\' WHERE import_id = $1';
    for (const [rows, sql, done] of [
      [late, `${altered} AND position = 1100`, 1_000],
      [early, "UPDATE import_blocks SET digest = repeat('0', 64) WHERE import_id = $1 AND block = 2", 0],
    ] as const) {
      const importId = await at.stage("Users", rows);
      await at.confirm(importId);
      await at.test.asOwner(sql, [importId]);
      await applyImports(at.database);
      expect(await made(rows)).toBe(done);
      expect(await at.viewed(importId)).toMatchObject({
        ...{ status: "Stopped", left: 1_200 - done },
        stopReason: expect.stringContaining("The rows differ"),
      });
      expect(await at.confirm(importId)).toMatchObject(
        done > 0 ? { error: { code: "Conflict" } } : { ok: true },
      );
    }
  });

  it("that fails for a fault is tried again, holds up no other, and stops after five times", async () => {
    const [bad, good] = [users(1), users(1)];
    const broken = await at.stage("Users", bad);
    const whole = await at.stage("Users", good);
    await at.confirm(broken);
    now = addMinutes(now, 1);
    await at.confirm(whole);
    // Not written by the server: the data read here is not a user.
    await at.database.client
      .$executeRaw`UPDATE import_rows SET data = 'null' WHERE import_id = ${broken}::uuid`;
    await at.test.asOwner("DELETE FROM import_blocks WHERE import_id = $1", [broken]);
    const digest = await inTransaction(at.database, (transaction) => storeBlocks(transaction, broken));
    await at.database.client.import.update({ where: { id: broken }, data: { digest } });
    for (let time = 1; time <= 5; time += 1) {
      await expect(applyImports(at.database)).rejects.toThrow();
      expect(await made(good)).toBe(1);
      expect((await at.viewed(broken)).status).toBe(time < 5 ? "Applying" : "Stopped");
    }
    expect(await importsAreDue(at.database)).toBe(false);
    expect((await at.viewed(broken)).stopReason).toMatch(/failed 5 times/);
    await discardImport(at.database, at.owner, broken);
  });
});

describe("the proof of a confirmation", () => {
  it("is spent with it, for exactly this import's rows, and stands for what the worker writes later", async () => {
    const [guarded, free] = [await assignment({ assignmentRequiresMfa: true }), await assignment()];
    const importId = await at.stage("RoleAssignments", [guarded.row, free.row]);
    expect((await at.rowsOf(importId)).map((each) => each.state)).toEqual(["NeedsProof", "Pending"]);
    const other = await at.stage("RoleAssignments", [guarded.row]);
    expect(await at.confirm(importId)).toMatchObject(mfa);
    expect(await at.confirm(importId, await at.proofFor(other))).toMatchObject(mfa);
    const unexplained = { importId, justification: null, proofId: await at.proofFor(importId) };
    expect(await confirmImport(at.database, at.owner, unexplained)).toMatchObject({
      error: { code: "InvalidInput" },
    });
    await applyImports(at.database);
    expect(await free.held()).toEqual([]);

    const proofId = await at.proofFor(importId);
    expect(await at.confirm(importId, proofId)).toMatchObject({ ok: true });
    expect(await at.database.client.stepUpProof.findUnique({ where: { id: proofId } })).toMatchObject({
      spentAt: now,
    });
    expect(await events(importId, "ImportConfirmed")).toMatchObject([
      { outcome: "Failure" },
      { outcome: "Failure" },
      { outcome: "Failure" },
      { outcome: "Success", proofId, factor: "Totp" },
    ]);
    // Longer than five minutes, the time within which it had to be spent.
    now = addMinutes(now, 14);
    await applyImports(at.database);
    expect(await guarded.held()).toMatchObject([{ origin: "Import", assignmentType: "Assigned" }]);
    expect(await free.held()).toHaveLength(1);
    const request = await at.database.client.request.findFirstOrThrow({
      where: { principalId: guarded.memberId },
    });
    expect(request).toMatchObject({ requestType: "AdminAssign", status: "Provisioned", proofId });
    expect(
      await at.database.client.auditEvent.findFirstOrThrow({
        where: { kind: "ActiveAssignmentAdded", targetId: guarded.memberId },
      }),
    ).toMatchObject({ factor: "Totp", proofId, justification: "Moving in", details: { importId } });
    now = start;
    expect(await at.confirm(other, proofId)).toMatchObject(mfa);
    await at.applyAll(other, await at.proofFor(other));
    expect(await guarded.held()).toHaveLength(1);
  });

  it("is asked for where the settings have come to require one since, and the rows wait until it is given", async () => {
    const { role, row, held } = await assignment();
    const importId = await at.stage("RoleAssignments", [row]);
    expect(await at.confirm(importId)).toMatchObject({ ok: true });
    await at.database.client.roleManagementPolicy.updateMany({
      where: { roleDefinitionId: role.id },
      data: { assignmentRequiresMfa: true },
    });
    await applyImports(at.database);
    expect(await held()).toEqual([]);
    expect(await at.viewed(importId)).toMatchObject({
      status: "Stopped",
      left: 1,
      stopReason: expect.stringContaining("need a second factor"),
    });
    expect(await at.confirm(importId)).toMatchObject(mfa);
    await at.applyAll(importId, await at.proofFor(importId));
    expect(await held()).toHaveLength(1);
  });

  it("ends with the factor that made it: whoever replaces a stolen one stops what the worker has not come to", async () => {
    const { row, held } = await assignment({ assignmentRequiresMfa: true });
    const importId = await at.stage("RoleAssignments", [row]);
    const proofId = await at.proofFor(importId);
    const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) };
    const { id } = await at.database.client.totpFactor.create({
      data: { userId: at.owner.userId, ...sealed, confirmedAt: now },
    });
    await at.test.asOwner("UPDATE step_up_proofs SET factor_id = $1 WHERE id = $2", [id, proofId]);
    expect(await at.confirm(importId, proofId)).toMatchObject({ ok: true });
    await at.database.client.totpFactor.update({ where: { id }, data: { removedAt: now } });
    await applyImports(at.database);
    expect(await held()).toEqual([]);
    expect(await at.viewed(importId)).toMatchObject({
      ...{ status: "Stopped", left: 1 },
      stopReason: expect.stringContaining("its factor was removed or replaced since"),
    });
    await at.applyAll(importId, await at.proofFor(importId));
    expect(await held()).toHaveLength(1);
  });

  it("is worth nothing a quarter of an hour later: what the worker has not come to by then takes another code", async () => {
    const { row, held } = await assignment({ assignmentRequiresMfa: true });
    const importId = await at.stage("RoleAssignments", [row]);
    expect(await at.confirm(importId, await at.proofFor(importId))).toMatchObject({ ok: true });
    now = addMinutes(now, 15);
    await applyImports(at.database);
    expect(await held()).toEqual([]);
    expect(await at.viewed(importId)).toMatchObject({
      status: "Stopped",
      left: 1,
      stopReason: expect.stringContaining("older than 15 minutes"),
    });
    await at.applyAll(importId, await at.proofFor(importId));
    expect(await held()).toHaveLength(1);
  });
});
