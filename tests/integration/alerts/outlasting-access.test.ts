import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertSentence } from "@/lib/domain/alerts/alert-sentence";
import { builtInSetting } from "@/lib/domain/alerts/alert-setting";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { fixAlert } from "@/lib/operations/alerts/fix-alert";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { approveExtensionOperation, decideExtension } from "@/lib/operations/assignments/decide-extension";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import type { Caller } from "@/lib/platform/caller";
import { listAlerts } from "@/lib/queries/alerts/alerts";
import { refusedBy } from "../../support/administration";
import { changeAlertSettings } from "../../support/alert-settings";
import {
  grant,
  makeGroup,
  makeRole,
  makeUser,
  pastTheRules,
  withoutAddresses,
} from "../../support/factories";
import { makeImports } from "../../support/imports";

const now = new Date("2026-03-02T09:00:00Z");
const clock = { now };
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => clock.now);
});
afterAll(() => at.test.drop());

const because = { justification: "As agreed" };

/** An Owner of everything for an hour, a role to give, and a recipient. */
async function forAnHour() {
  const tom = await at.person("Tom Temporary");
  await grant(at.database, "active", tom.userId, ownerRoleId, at.tree.root.id, {
    endsAt: addMinutes(now, 60),
  });
  const role = await makeRole(at.database, "Reader", { actions: ["*/read"] });
  return { tom, role, member: await at.person("Mia Member") };
}

/** The open alerts of this kind about somebody, in words. */
async function notifiedOf(principalId: string): Promise<string[]> {
  // An alert is resolved by a scan that is later than the one that raised it.
  clock.now = new Date(clock.now.getTime() + 1);
  await scanAlerts(at.database);
  const filter = { state: "open", kind: "OutlastsGiver", after: null } as const;
  const found = await listAlerts(at.database, at.owner, at.tree.root.id, filter);
  return (found?.alerts ?? [])
    .filter((alert) => alert.principal?.id === principalId)
    .map(({ kind, details, principal, roleName, resourceName }) =>
      withoutAddresses(
        alertSentence(kind, details, {
          principal: principal?.displayName ?? null,
          role: roleName,
          resource: resourceName,
        }),
      ),
    );
}

/** The result of its one-click fix. */
async function fix(principalId: string) {
  const alert = await at.database.client.alert.findFirstOrThrow({
    where: { kind: "OutlastsGiver", principalId, resolvedAt: null },
  });
  return fixAlert(at.database, at.owner, { alertId: alert.id });
}

async function assign(
  by: Caller,
  assignmentType: "Active" | "Eligible",
  roleDefinitionId: string,
  principalId: string,
  endsAt: Date | null,
) {
  const input = {
    assignmentType,
    roleDefinitionId,
    resourceId: at.tree.subscription.id,
    principalIds: [principalId],
    startsAt: null,
    endsAt,
    ...because,
  };
  const proofId = await at.prove(assignRoleOperation(input), by);
  expect(await assignRole(at.database, by, { ...input, proofId })).toMatchObject({ ok: true });
}

const accessOf = (principalId: string) =>
  at.database.client.assignment.findFirstOrThrow({ where: { principalId }, orderBy: { createdAt: "desc" } });

describe("access that outlasts its giver's authority", () => {
  it("is reported and ended with one click, with an event", async () => {
    const { tom, role, member } = await forAnHour();
    await assign(tom, "Active", role.id, member.userId, addDays(now, 100));
    expect(await notifiedOf(member.userId)).toEqual([
      "Tom Temporary, who could give access only for a limited time, gave Mia Member Reader on Production.",
    ]);
    expect(await fix(member.userId)).toEqual({ ok: true, done: "End what was given" });
    expect(await at.eventsOf(member.userId)).toContain("ActiveAssignmentRemoved Success");
    expect(await notifiedOf(member.userId)).toEqual([]);
  });

  it("is reported where it is eligible and their own; not where another becomes eligible, as administrators do daily", async () => {
    const { tom, role, member } = await forAnHour();
    await assign(tom, "Eligible", role.id, tom.userId, addDays(now, 100));
    await assign(tom, "Eligible", role.id, member.userId, addDays(now, 100));
    expect(await notifiedOf(tom.userId)).toEqual([
      "Tom Temporary, who could give access only for a limited time, made Tom Temporary eligible for Reader on Production.",
    ]);
    expect(await notifiedOf(member.userId)).toEqual([]);
    expect(await fix(tom.userId)).toMatchObject({ ok: true });
    expect(
      await at.database.client.eligibility.count({ where: { principalId: tom.userId, endsAt: clock.now } }),
    ).toBe(1);
  });

  it("is not reported within the giver's own time, nor of a permanent administrator", async () => {
    const { tom, role, member } = await forAnHour();
    const other = await makeUser(at.database);
    await assign(tom, "Active", role.id, member.userId, addMinutes(now, 60));
    await assign(at.owner, "Active", role.id, other.id, addDays(now, 100));
    expect([...(await notifiedOf(member.userId)), ...(await notifiedOf(other.id))]).toEqual([]);
  });

  it("is reported of a group of the giver's own that gets it", async () => {
    const { tom, role } = await forAnHour();
    const group = await makeGroup(at.database, [tom.userId], "Friends");
    await assign(tom, "Eligible", role.id, group.id, addDays(now, 100));
    expect(await notifiedOf(group.id)).toHaveLength(1);
  });

  it("is reported of whoever is added to a group that has it, and ended by taking them out", async () => {
    const { tom, role, member } = await forAnHour();
    const group = await makeGroup(at.database, [], "Operators");
    const outer = await makeGroup(at.database, [group.id], "Outer");
    const held = await grant(at.database, "active", outer.id, role.id, at.tree.subscription.id);
    const input = { groupId: group.id, memberIds: [member.userId], ...because };
    const proofId = await at.prove(addGroupMembersOperation(input), tom);
    expect(await addGroupMembers(at.database, tom, { ...input, proofId })).toMatchObject({ ok: true });
    expect(await notifiedOf(member.userId)).toEqual([
      "Tom Temporary, who could give access only for a limited time, added Mia Member to Operators.",
    ]);
    await at.test.asOwner("UPDATE assignments SET ends_at = $2 WHERE id = $1", [held.id, now]);
    expect(await notifiedOf(member.userId)).toEqual([]);
    await at.test.asOwner("UPDATE assignments SET ends_at = NULL WHERE id = $1", [held.id]);
    expect(await notifiedOf(member.userId)).toHaveLength(1);
    expect(await fix(member.userId)).toMatchObject({ ok: true });
    expect(await at.eventsOf(member.userId)).toContain("GroupMemberRemoved Success");
    expect(await notifiedOf(member.userId)).toEqual([]);
  });

  it("takes a proof to hand over, and nothing does that ends within the longest of the giver's rights", async () => {
    const { tom, role, member } = await forAnHour();
    const everything = await makeRole(at.database, "Everything", { actions: ["*"] });
    await grant(at.database, "active", tom.userId, everything.id, at.tree.root.id, {
      endsAt: addMinutes(now, 30),
    });
    const join = async (endsAt: Date | null) => {
      const group = await makeGroup(at.database, []);
      await grant(at.database, "active", group.id, role.id, at.tree.subscription.id, { endsAt });
      const input = { groupId: group.id, memberIds: [member.userId], ...because, proofId: null };
      return addGroupMembers(at.database, tom, input);
    };
    clock.now = now;
    expect(await join(addMinutes(now, 45))).toMatchObject({ ok: true });
    expect(await join(addMinutes(now, 60))).toMatchObject({ ok: true });
    expect(await join(addMinutes(now, 61))).toMatchObject(refusedBy("MfaRule"));
    expect(await join(null)).toMatchObject(refusedBy("MfaRule"));
  });

  it("is reported of whoever makes themselves a member of a group that may activate it", async () => {
    const { tom, role } = await forAnHour();
    const group = await makeGroup(at.database, [], "Operators");
    await grant(at.database, "eligible", group.id, role.id, at.tree.subscription.id);
    const input = { groupId: group.id, memberIds: [tom.userId], ...because };
    const proofId = await at.prove(addGroupMembersOperation(input), tom);
    expect(await addGroupMembers(at.database, tom, { ...input, proofId })).toMatchObject({ ok: true });
    expect(await notifiedOf(tom.userId)).toHaveLength(1);
  });

  it("is reported of what an import gives, by assignments and by memberships", async () => {
    const { tom, role, member } = await forAnHour();
    const { scope } = at.tree.subscription;
    const given = [{ principal: member.userId, principalType: "User", role: role.id, scope }];
    const assigned = await at.stage("RoleAssignments", given, { caller: tom, capToMaximum: true });
    await at.applyAll(assigned, await at.proofFor(assigned, tom), tom);
    expect(await notifiedOf(member.userId)).toHaveLength(1);

    const joining = await at.person("Jo Joining");
    const group = await makeGroup(at.database, []);
    await grant(at.database, "active", group.id, role.id, at.tree.subscription.id);
    const rows = `group,member\n${group.id},${joining.userId}\n`;
    const joined = await at.stage("GroupMembers", rows, { caller: tom });
    await at.applyAll(joined, await at.proofFor(joined, tom), tom);
    expect(await notifiedOf(joining.userId)).toHaveLength(1);
  });

  it("is reported of more time: changed, extended, renewed and approved", async () => {
    const { tom, role } = await forAnHour();
    const standing = async (endsAt: Date, startsAt = addDays(now, -30)) => {
      const member = await at.person("Mia Member");
      const times = { startsAt, endsAt };
      const access = await grant(
        at.database,
        "active",
        member.userId,
        role.id,
        at.tree.subscription.id,
        times,
      );
      return { member, access, id: access.id, assignmentType: "Active" as const };
    };
    const longer = addDays(now, 60);

    const changed = await standing(addDays(now, 5));
    const expected = { startsAt: changed.access.startsAt, endsAt: changed.access.endsAt };
    const update = {
      id: changed.id,
      assignmentType: "Active" as const,
      expected,
      startsAt: null,
      endsAt: longer,
      ...because,
    };
    const updateProof = await at.prove(updateAssignmentOperation(update), tom);
    expect(await updateAssignment(at.database, tom, { ...update, proofId: updateProof })).toMatchObject({
      ok: true,
    });

    const extended = await standing(addDays(now, 5));
    const extension = {
      id: extended.id,
      assignmentType: "Active" as const,
      expectedEnd: extended.access.endsAt,
      endsAt: longer,
      ...because,
    };
    const extensionProof = await at.prove(extendAssignmentOperation(extension), tom);
    expect(await extendAssignment(at.database, tom, { ...extension, proofId: extensionProof })).toMatchObject(
      { ok: true },
    );

    const renewed = await standing(addDays(now, -5));
    const renewal = {
      id: renewed.id,
      assignmentType: "Active" as const,
      startsAt: null,
      endsAt: longer,
      ...because,
    };
    const renewalProof = await at.prove(renewAssignmentOperation(renewal), tom);
    expect(await renewAssignment(at.database, tom, { ...renewal, proofId: renewalProof })).toMatchObject({
      ok: true,
    });

    const asked = await standing(addDays(now, 5));
    const proposal = { assignmentType: "Active" as const, id: asked.id, endsAt: longer, ...because };
    const request = await requestExtension(at.database, asked.member, proposal);
    if (!request.ok) throw new Error(JSON.stringify(request));
    const { requestId } = request;
    const times = { startsAt: null, endsAt: longer };
    const decisionProof = await at.prove(approveExtensionOperation({ requestId, ...times }), tom);
    const decision = { decision: "Approve" as const, assignmentType: "Active" as const, ...times };
    expect(
      await decideExtension(at.database, tom, { requestId, decision, proofId: decisionProof, ...because }),
    ).toMatchObject({ ok: true });

    for (const { member } of [changed, extended, renewed, asked]) {
      expect(await notifiedOf(member.userId)).toHaveLength(1);
      expect(await fix(member.userId)).toMatchObject({ ok: true });
      const standing = { principalId: member.userId, endsAt: { gt: clock.now } };
      expect(await at.database.client.assignment.count({ where: standing })).toBe(0);
    }
  });

  it("is no longer reported once an administrator who stays has given it anew, nor where the kind is off", async () => {
    const { tom, role, member } = await forAnHour();
    await assign(tom, "Active", role.id, member.userId, addDays(now, 10));
    expect(await notifiedOf(member.userId)).toHaveLength(1);
    const shown = builtInSetting("OutlastsGiver");
    const choice = { ...shown, kind: "OutlastsGiver" as const, enabled: false, shown };
    const settings = { resourceId: at.tree.subscription.id, choices: [choice] };
    expect(await changeAlertSettings(at.database, at.owner, settings)).toMatchObject({ ok: true });
    expect(await notifiedOf(member.userId)).toEqual([]);
    await at.test.asOwner("DELETE FROM alert_settings");
    expect(await notifiedOf(member.userId)).toHaveLength(1);

    const { id, endsAt: expectedEnd } = await accessOf(member.userId);
    const extension = {
      id,
      assignmentType: "Active" as const,
      expectedEnd,
      endsAt: addDays(now, 20),
      ...because,
    };
    const proofId = await at.prove(extendAssignmentOperation(extension));
    expect(await extendAssignment(at.database, at.owner, { ...extension, proofId })).toMatchObject({
      ok: true,
    });
    expect(await notifiedOf(member.userId)).toEqual([]);
  });

  it("is found by the index of such events alone, however long the log", async () => {
    await pastTheRules(at.database, async (to) => {
      await to.$executeRaw`
        INSERT INTO audit_events (kind, outcome, details)
        SELECT 'SignIn', 'Success', '{}' FROM generate_series(1, 5000)`;
    });
    await at.test.asOwner("ANALYZE audit_events");
    const { rows } = await at.test.asOwner(
      `EXPLAIN SELECT FROM audit_events e JOIN assignments x ON x.id = e.assignment_id
       WHERE e.outcome = 'Success' AND e.details @> '{"stepUp": ["OutlastsAuthority"]}'::jsonb`,
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain("audit_events_outlasting_idx");
    expect(plan).not.toContain("Seq Scan on audit_events");
  });
});
