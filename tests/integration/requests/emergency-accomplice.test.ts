import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInSetting } from "@/lib/domain/alerts/alert-setting";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addMinutes } from "@/lib/domain/time/schedule";
import { makeDirectoryToken } from "@/lib/identity/directories/directory-token";
import { changeAlertState } from "@/lib/operations/alerts/change-alert-state";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { updateAlertSettings } from "@/lib/operations/alerts/update-alert-settings";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import {
  replaceDirectoryToken,
  replaceDirectoryTokenOperation,
} from "@/lib/operations/directories/replace-directory-token";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { breakGlass, breakGlassOperation } from "@/lib/operations/requests/break-glass";
import { closeBreakGlass } from "@/lib/operations/requests/close-break-glass";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { reviewsToClose } from "@/lib/queries/requests/break-glass";
import { previewMove } from "@/lib/queries/resources/move-preview";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { approvedBy, arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { entraUser, makeDirectory, patchOf, scimOf } from "../../support/directories";
import { grant, makeActivation, makeCaller, makeGroup, makeProof, makeRole } from "../../support/factories";

let now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

/** A member who is an Owner of everything by an emergency activation, a minute ago. */
async function ownerInAnEmergency() {
  const one = await arrangeApproval(at.database, { tree: at.tree });
  const approvers = await makeGroup(at.database, [one.first.userId], "Approvers");
  await at.test.asOwner("UPDATE group_members SET added_at = $2 WHERE group_id = $1", [approvers.id, now]);
  const settings = approvedBy([stageOf([approvers.id])], { breakGlassMaximumMinutes: 60 });
  await setSettings(at.database, ownerRoleId, at.tree.root.id, settings);
  const eligibility = await grant(at.database, "eligible", one.user.id, ownerRoleId, at.tree.root.id);
  now = addMinutes(now, 60);
  const requestId = await one.waiting({ eligibilityId: eligibility.id, resourceId: at.tree.root.id });
  const input = { requestId, durationMinutes: 60, justification: "The database is down" };
  const proofId = await makeProof(at.database, one.member, breakGlassOperation(input));
  const used = await breakGlass(at.database, one.member, { ...input, proofId });
  if (!used.ok) throw new Error(JSON.stringify(used));
  now = addMinutes(now, 1);
  const close = (caller: Caller) =>
    closeBreakGlass(at.database, caller, {
      ...{ requestId, outcome: "Justified", justification: "All fine", endActivation: false },
    });
  const lists = async (caller: Caller) =>
    (await reviewsToClose(at.database, caller, 50)).some((each) => each.requestId === requestId);
  const join = async (by: Caller, groupId: string, memberId: string) => {
    const joining = { groupId, memberIds: [memberId] };
    const proofId = await makeProof(at.database, by, addGroupMembersOperation(joining));
    const joined = await addGroupMembers(at.database, by, { ...joining, justification: "Helps", proofId });
    if (!joined.ok) throw new Error(JSON.stringify(joined));
  };
  const makeOwner = async (by: Caller, principalId: string, how: "Active" | "Eligible" = "Active") => {
    const asked = {
      ...{ assignmentType: how, roleDefinitionId: ownerRoleId, resourceId: at.tree.root.id },
      ...{ principalIds: [principalId], startsAt: null, endsAt: addMinutes(now, 60 * 24) },
    };
    const proofId = await makeProof(at.database, by, assignRoleOperation(asked));
    const given = await assignRole(at.database, by, { ...asked, justification: "Helps", proofId });
    if (!given.ok) throw new Error(JSON.stringify(given));
  };
  return {
    ...one,
    approvers,
    settings,
    requestId,
    assignmentId: used.assignmentId,
    close,
    lists,
    join,
    makeOwner,
  };
}

const refused = refusedWith("NotFound");

describe("an Owner by an emergency cannot have the review closed", () => {
  it("by somebody whom they add to the group of its approvers", async () => {
    const one = await ownerInAnEmergency();
    const friend = await at.person("Fritz Friend");
    await one.join(one.member, one.approvers.id, friend.userId);
    expect(await one.lists(friend)).toBe(false);
    expect(await one.close(friend)).toMatchObject(refused);
    // Nor through a group in between.
    const other = await at.person("Frieda Friend");
    const between = await makeGroup(at.database, [], "On call");
    await one.join(one.member, one.approvers.id, between.id);
    await one.join(at.owner, between.id, other.userId);
    expect(await one.close(other)).toMatchObject(refused);
    expect(await one.close(one.first)).toMatchObject({ ok: true });
  });

  it("by somebody whom they make an administrator, or who became one by them", async () => {
    const one = await ownerInAnEmergency();
    const [friend, second, group] = [
      await at.person("Fritz Friend"),
      await at.person("Frieda Friend"),
      await makeGroup(at.database, [], "Late Owners"),
    ];
    await one.makeOwner(one.member, friend.userId);
    expect(await one.close(friend)).toMatchObject(refused);
    await one.makeOwner(friend, group.id);
    await one.join(friend, group.id, second.userId);
    expect(await one.lists(second)).toBe(false);
    expect(await one.close(second)).toMatchObject(refused);
    expect(await one.lists(at.owner)).toBe(true);
  });

  it("but others may still give somebody the right to", async () => {
    const one = await ownerInAnEmergency();
    const [colleague, administrator] = [await at.person("Carl Colleague"), await at.person("Ada Admin")];
    await one.join(at.owner, one.approvers.id, colleague.userId);
    await one.makeOwner(at.owner, administrator.userId);
    for (const caller of [colleague, administrator]) expect(await one.lists(caller)).toBe(true);
    expect(await one.close(colleague)).toMatchObject({ ok: true });
  });

  it("and takes the right from nobody who had it, by giving them something", async () => {
    const one = await ownerInAnEmergency();
    await one.makeOwner(one.member, one.first.userId, "Eligible");
    await one.join(one.member, (await makeGroup(at.database, [], "Others")).id, one.first.userId);
    expect(await one.close(one.first)).toMatchObject({ ok: true });
  });

  it("as an approver whose sign-in they issued to themselves", async () => {
    const one = await ownerInAnEmergency();
    const signIn = { kind: "Invitation", tokenHash: new Uint8Array(randomBytes(32)) } as const;
    const asked = { principalId: one.first.userId, signIn };
    const proofId = await makeProof(at.database, one.member, {
      ...{ kind: "IssueSignIn", principalId: one.first.userId },
    });
    expect(
      await issueSignIn(at.database, one.member, { ...asked, justification: "Lost it", proofId }),
    ).toMatchObject({ ok: true });
    expect(await one.close(one.first)).toMatchObject(refused);
    expect(await one.close(at.owner)).toMatchObject({ ok: true });
  });

  it("by somebody whom they let a directory add, by a token of theirs", async () => {
    const directory = await makeDirectory(at);
    const group = (
      await directory.scim("POST", "/Groups", {
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        displayName: `Late shift ${randomUUID()}`,
        externalId: randomUUID(),
      })
    ).body;
    const friend = (await directory.scim("POST", "/Users", entraUser())).body;
    const other = (await directory.scim("POST", "/Users", entraUser())).body;
    const ownership = await grant(at.database, "eligible", group.id, ownerRoleId, at.tree.root.id);
    const one = await ownerInAnEmergency();
    const joins = async (scim: typeof directory.scim, id: string) => {
      const added = await scim(
        "PATCH",
        `/Groups/${group.id}`,
        patchOf({ op: "add", path: "members", value: [{ value: id }] }),
      );
      expect(added.status).toBeLessThan(300);
      await inTransaction(at.database, (transaction) =>
        makeActivation(transaction, { ...ownership, principalId: id }, now, 30),
      );
    };
    const callerOf = (id: string) =>
      makeCaller(at.database, { id, displayName: "Of a directory", email: `${id}@contoso.example` });
    await joins(directory.scim, other.id);
    expect(await one.lists(await callerOf(other.id))).toBe(true);
    const { token, tokenHash } = makeDirectoryToken();
    const input = { directoryId: directory.id, token: { tokenHash, days: 30 } };
    const proofId = await makeProof(at.database, one.member, replaceDirectoryTokenOperation(input));
    expect(await replaceDirectoryToken(at.database, one.member, { ...input, proofId })).toMatchObject({
      ok: true,
    });
    await joins(scimOf(at.database, token), friend.id);
    expect(await one.lists(await callerOf(friend.id))).toBe(false);
    expect(await one.close(await callerOf(friend.id))).toMatchObject(refused);
  });

  it("by somebody who was disabled then, or in a group that was, whom they enable", async () => {
    const [gone, member] = [await at.person("Gerd Gone"), await at.person("Mia Member")];
    const closed = await makeGroup(at.database, [member.userId], `Closed ${randomUUID()}`);
    await at.test.asOwner("UPDATE group_members SET added_at = $2 WHERE group_id = $1", [closed.id, now]);
    for (const principalId of [gone.userId, closed.id]) {
      await grant(at.database, "active", principalId, ownerRoleId, at.tree.root.id);
      await disablePrincipal(at.database, at.owner, { principalId, justification: "Left" });
    }
    const one = await ownerInAnEmergency();
    const enable = async (by: Caller, principalId: string) => {
      const proofId = await makeProof(at.database, by, { kind: "EnablePrincipal", principalId });
      const input = { principalId, justification: "Helps", proofId };
      expect(await enablePrincipal(at.database, by, input)).toMatchObject({ ok: true });
    };
    for (const id of [gone.userId, closed.id]) await enable(one.member, id);
    const back = await makeCaller(at.database, { ...gone, id: gone.userId });
    for (const caller of [back, member]) {
      expect(await one.lists(caller), caller.displayName).toBe(false);
      expect(await one.close(caller), caller.displayName).toMatchObject(refused);
    }
    // People whom they only disabled and enabled had the right before.
    await disablePrincipal(at.database, one.member, { principalId: one.first.userId, justification: "Oops" });
    await enable(one.member, one.first.userId);
    const { userId: id, ...first } = one.first;
    expect(await one.close(await makeCaller(at.database, { ...first, id }))).toMatchObject({ ok: true });
  });

  it("by somebody whose role was to begin later, and whom they give it at once", async () => {
    const friend = await at.person("Fritz Friend");
    const planned = { startsAt: addMinutes(now, 60 * 24 * 90), endsAt: addMinutes(now, 60 * 24 * 100) };
    const { id } = await grant(
      ...([at.database, "active", friend.userId, ownerRoleId, at.tree.root.id, planned] as const),
    );
    const one = await ownerInAnEmergency();
    const change = { id, expected: planned, startsAt: now, endsAt: planned.endsAt };
    const proofId = await makeProof(at.database, one.member, updateAssignmentOperation(change));
    const input = { ...change, assignmentType: "Active" as const, justification: "Helps", proofId };
    expect(await updateAssignment(at.database, one.member, input)).toMatchObject({ ok: true });
    now = addMinutes(now, 1);
    expect(await one.lists(friend)).toBe(false);
    expect(await one.close(friend)).toMatchObject(refused);
  });

  it("by an edit of the role settings: whom the request asked still may", async () => {
    const one = await ownerInAnEmergency();
    const friend = await at.person("Fritz Friend");
    const settings = { ...one.settings, approvalStages: [stageOf([friend.userId])] };
    const input = {
      ...{ roleDefinitionId: ownerRoleId, resourceId: at.tree.root.id, settings },
      expectedVersion: (
        await at.database.client.roleManagementPolicy.findFirstOrThrow({
          where: { roleDefinitionId: ownerRoleId, resourceId: at.tree.root.id },
        })
      ).version,
    };
    const proofId = await makeProof(at.database, one.member, { kind: "UpdateRoleSettings", ...input });
    expect(await updateRoleSettings(at.database, one.member, { ...input, proofId })).toMatchObject({
      ok: true,
    });
    expect(await one.close(friend)).toMatchObject(refused);
    expect(await one.close(one.first)).toMatchObject({ ok: true });
  });
});

/** A member who is an Owner of one resource by an emergency activation there, with a place where a friend is the Owner. */
async function ownerOfOneInAnEmergency() {
  const place = (parent: { id: string; scope: string }, name: string) =>
    at.database.client.resource.create({
      data: {
        parentId: parent.id,
        scope: `${parent.scope === "/" ? "" : parent.scope}/databases/${name}`,
        ...{ displayName: name, resourceType: "databases" },
      },
    });
  const [here, there] = [
    await place(at.tree.root, `here-${randomUUID()}`),
    await place(at.tree.root, `there-${randomUUID()}`),
  ];
  const orders = await place(here, "orders");
  const table = await place(orders, "lines");
  const one = await arrangeApproval(at.database, { tree: at.tree });
  const settings = approvedBy([stageOf([one.first.userId])], { breakGlassMaximumMinutes: 60 });
  await setSettings(at.database, ownerRoleId, table.id, settings);
  const [friend, above] = [await at.person("Fritz Friend"), await at.person("Ada Above")];
  await grant(at.database, "active", friend.userId, ownerRoleId, there.id);
  await grant(at.database, "active", above.userId, ownerRoleId, here.id);
  // The member's access without the emergency: enough to move resources.
  const mover = await makeRole(at.database, `Mover ${randomUUID()}`, { actions: ["*"] });
  await grant(at.database, "active", one.user.id, mover.id, at.tree.root.id);
  const eligibility = await grant(at.database, "eligible", one.user.id, ownerRoleId, table.id);
  now = addMinutes(now, 60);
  const requestId = await one.waiting({ eligibilityId: eligibility.id, resourceId: table.id });
  const input = { requestId, durationMinutes: 60, justification: "The database is down" };
  const proofId = await makeProof(at.database, one.member, breakGlassOperation(input));
  const used = await breakGlass(at.database, one.member, { ...input, proofId });
  if (!used.ok) throw new Error(JSON.stringify(used));
  const lists = async (caller: Caller) =>
    (await reviewsToClose(at.database, caller, 50)).some((each) => each.requestId === requestId);
  const move = async (by: Caller, resource: { id: string }, from: { id: string }, to: { id: string }) => {
    now = addMinutes(now, 1);
    const shown = await previewMove(at.database, by, resource.id, to.id);
    if (shown === null || "code" in shown) throw new Error(JSON.stringify(shown));
    const moving = { resourceId: resource.id, fromId: from.id, toId: to.id, preview: shown.facts.preview };
    const proofId = await makeProof(at.database, by, moveResourceOperation(moving));
    const moved = await moveResource(at.database, by, { ...moving, justification: "Tidy", proofId });
    if (!moved.ok) throw new Error(JSON.stringify(moved));
  };
  return { ...one, here, there, orders, table, friend, above, requestId, lists, move };
}

describe("a member who moves the resource of an emergency", () => {
  it("gives nobody at the new place the right to close, nor whom they make an administrator there", async () => {
    const { move, lists, ...one } = await ownerOfOneInAnEmergency();
    expect([await lists(one.friend), await lists(one.above)]).toEqual([false, true]);
    await move(one.member, one.orders, one.here, one.there);
    const second = await at.person("Frieda Friend");
    const asked = {
      ...{ assignmentType: "Active" as const, roleDefinitionId: ownerRoleId, resourceId: one.orders.id },
      ...{ principalIds: [second.userId], startsAt: null, endsAt: addMinutes(now, 60 * 24) },
    };
    const proofId = await makeProof(at.database, one.friend, assignRoleOperation(asked));
    expect(
      await assignRole(at.database, one.friend, { ...asked, justification: "Helps", proofId }),
    ).toMatchObject({ ok: true });
    expect([await lists(one.friend), await lists(second)]).toEqual([false, false]);
    const closing = { requestId: one.requestId, outcome: "Justified", justification: "All fine" } as const;
    expect(
      await closeBreakGlass(at.database, one.friend, { ...closing, endActivation: false }),
    ).toMatchObject(refused);
    // Not in two steps either: the place above it is moved first, and then the resource out of that.
    await move(one.member, one.table, one.orders, one.there);
    expect([await lists(one.friend), await lists(second)]).toEqual([false, false]);
    expect(await lists(at.owner)).toBe(true);
    await move(one.member, one.table, one.there, one.orders);
    await move(one.member, one.orders, one.there, one.here);
    expect([await lists(one.friend), await lists(one.above)]).toEqual([false, true]);
    expect(await lists(one.first)).toBe(true);
  });

  it("but others may move it to where somebody else administers it", async () => {
    const { move, lists, ...one } = await ownerOfOneInAnEmergency();
    await move(at.owner, one.orders, one.here, one.there);
    expect([await lists(one.friend), await lists(one.above)]).toEqual([true, false]);
  });
});

describe("the alert of an emergency that nobody has reviewed", () => {
  it("is neither dismissed nor switched off, by whoever may write alerts", async () => {
    const one = await ownerInAnEmergency();
    await scanAlerts(at.database);
    const alert = await at.database.client.alert.findFirstOrThrow({
      where: { kind: "BreakGlass", subject: one.requestId },
    });
    for (const caller of [one.member, at.owner])
      expect(
        await changeAlertState(at.database, caller, {
          alertId: alert.id,
          verdict: "Dismiss",
          reason: "Seen",
        }),
      ).toMatchObject(refusedWith("Conflict"));
    const shown = builtInSetting("BreakGlass");
    const choice = { kind: "BreakGlass", ...shown, shown } as const;
    const save = (enabled: boolean) =>
      updateAlertSettings(at.database, one.member, {
        ...{ resourceId: at.tree.root.id, choices: [{ ...choice, enabled }], proofId: null },
      });
    expect(await save(false)).toMatchObject(refusedWith("InvalidInput"));
    expect(await save(true)).toMatchObject({ ok: true, changed: 0 });
    await scanAlerts(at.database);
    expect(await at.database.client.alert.findUnique({ where: { id: alert.id } })).toMatchObject({
      ...{ dismissedAt: null, resolvedAt: null },
    });
  });
});
