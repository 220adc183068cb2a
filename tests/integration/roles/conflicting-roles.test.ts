import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { extendActivation, extendActivationOperation } from "@/lib/operations/activation/extend-activation";
import { extendAssignment } from "@/lib/operations/assignments/extend-assignment";
import { renewAssignment } from "@/lib/operations/assignments/renew-assignment";
import { updateAssignment } from "@/lib/operations/assignments/update-assignment";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { refusalsBeforeCode } from "@/lib/queries/activation/activations-asked";
import { extensionRefusalBeforeCode } from "@/lib/queries/activation/extension-terms";
import { stageOf } from "../../support/approval";
import { type Conflicts, conflicts, makeConflicts } from "../../support/conflicts";
import { approveRequest } from "../../support/decide-one";
import { grant, makeActivation, makeGroup, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Conflicts;
beforeAll(async () => {
  at = await makeConflicts(() => now);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});
const done = { ok: true };

describe("somebody who holds one of two conflicting roles", () => {
  it("cannot activate the other, and reads which they hold, where, until when and by which rule", async () => {
    const { enter, approve, name } = await at.rule();
    const ada = await at.person("Ada");
    await at.holds(ada.userId, enter.id, at.tree.group.id, 3);
    const eligibility = await at.mayActivate(ada.userId, approve.id);
    const refused = await at.activate(ada, eligibility);
    expect(refused).toEqual(
      conflicts("You hold", enter.roleName, at.tree.group.displayName, "5 Mar 2026, 09:00 UTC", name),
    );
    const events = await at.database.client.auditEvent.findMany({
      where: { actorId: ada.userId, outcome: "Failure" },
    });
    expect(events).toMatchObject([
      { kind: "RoleActivated", details: { error: "RoleAssignmentConflict", conflictRules: [name] } },
    ]);
  });

  it("reads of the conflict before a code is asked for", async () => {
    const { enter, approve, name } = await at.rule();
    const ada = await at.person("Ada");
    const { id: eligibilityId, resourceId } = await at.mayActivate(ada.userId, approve.id);
    const asked = { eligibilityId, resourceId, durationMinutes: 60, startsAt: null };
    expect(await refusalsBeforeCode(at.database, ada, [asked])).toEqual([null]);
    await at.holds(ada.userId, enter.id, at.tree.group.id, 3);
    const [refusal] = await refusalsBeforeCode(at.database, ada, [asked]);
    expect({ ok: false, error: refusal }).toEqual(conflicts("You hold", enter.roleName, name));
  });

  it("may be eligible for the other, and activates it once the first has ended", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const first = await at.mayActivate(ada.userId, enter.id);
    const second = await at.mayActivate(ada.userId, approve.id);
    expect(await at.activate(ada, first)).toMatchObject(done);
    expect(await at.activate(ada, second)).toEqual(conflicts("You hold"));
    // It may be planned to start when the first has ended, but not a minute earlier.
    expect(await at.activate(ada, second, { startsAt: addMinutes(now, 59) })).toEqual(conflicts("You hold"));
    expect(await at.activate(ada, second, { startsAt: addMinutes(now, 60) })).toMatchObject(done);
  });

  it("cannot extend what is active into the time of the other", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const first = await at.mayActivate(ada.userId, enter.id);
    const second = await at.mayActivate(ada.userId, approve.id);
    expect(await at.activate(ada, first)).toMatchObject(done);
    expect(await at.activate(ada, second, { startsAt: addMinutes(now, 90) })).toMatchObject(done);
    const { id: assignmentId } = await at.database.client.assignment.findFirstOrThrow({
      where: { eligibilityId: first.id },
    });
    const extendTo = async (minutes: number) => {
      const of = { assignmentId, expectedEnd: addMinutes(now, 60), endsAt: addMinutes(now, minutes) };
      const proofId = await at.prove(extendActivationOperation(of), ada);
      const rest = { justification: "Longer", ticketNumber: null, ticketSystem: null, proofId };
      return extendActivation(at.database, ada, { ...of, ...rest });
    };
    expect(await extendTo(91)).toEqual(conflicts("You hold"));
    // They read so before a code is required.
    const refusal = (minutes: number) =>
      extensionRefusalBeforeCode(at.database, ada, { assignmentId, endsAt: addMinutes(now, minutes) });
    expect(await refusal(91)).toMatchObject({ code: "RoleAssignmentConflict" });
    expect(await refusal(90)).toBeNull();
    expect(await extendTo(90)).toMatchObject(done);
  });

  it("cannot activate both together", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const first = await at.mayActivate(ada.userId, enter.id);
    const second = await at.mayActivate(ada.userId, approve.id);
    expect(await at.activate(ada, second, { startsAt: addMinutes(now, 30) })).toMatchObject(done);
    expect(await at.activate(ada, first)).toEqual(conflicts("You hold"));
  });

  it("is not given the other, and nobody of the same assignment is", async () => {
    const { enter, approve } = await at.rule();
    const [ada, bob] = [await at.person("Ada"), await at.person("Bob")];
    await at.holds(ada.userId, enter.id);
    expect(await at.assign([bob.userId, ada.userId], approve.id)).toEqual(conflicts("Ada", "holds"));
    expect(await at.assign([bob.userId], approve.id)).toMatchObject(done);
    expect(await at.assign([ada.userId], approve.id, { assignmentType: "Eligible" })).toMatchObject(done);
  });

  it("hears of every rule that fails, and every role", async () => {
    const first = await at.rule();
    const second = await at.rule();
    const ada = await at.person("Ada");
    await at.holds(ada.userId, first.enter.id);
    await at.holds(ada.userId, second.enter.id);
    await pastTheRules(at.database, (to) =>
      to.conflictRuleRole.create({
        data: { ruleId: second.id, roleDefinitionId: first.approve.id, side: "Second" },
      }),
    );
    expect(await at.assign([ada.userId], first.approve.id)).toEqual(
      conflicts(first.name, second.name, first.enter.roleName, second.enter.roleName),
    );
  });
});

describe("where a rule holds", () => {
  it("access above reaches in, places beside each other do not meet, and elsewhere nothing is forbidden", async () => {
    const { enter, approve } = await at.rule(at.tree.group.id);
    const { root, subscription, group } = at.tree;
    const sibling = at.beside;
    const held = async (resourceId: string) => {
      const person = await at.person("Ada");
      await at.holds(person.userId, enter.id, resourceId);
      return person.userId;
    };
    const given = async (first: string, second: string) =>
      (await at.assign([await held(first)], approve.id, { resourceId: second })).ok;
    expect(await given(root.id, group.id), "from above").toBe(false);
    expect(await given(group.id, root.id), "to above").toBe(false);
    expect(await given(root.id, subscription.id), "both above").toBe(false);
    expect(await given(group.id, sibling.id), "beside it").toBe(true);
    expect(await given(sibling.id, sibling.id), "where the rule is not").toBe(true);
  });

  it("two resources below it that are not on one path do not conflict", async () => {
    const { enter, approve } = await at.rule(at.tree.root.id);
    const ada = await at.person("Ada");
    await at.holds(ada.userId, enter.id, at.tree.group.id);
    expect(await at.assign([ada.userId], approve.id, { resourceId: at.beside.id })).toMatchObject(done);
    expect(await at.assign([ada.userId], approve.id, { resourceId: at.tree.group.id })).toEqual(
      conflicts("Ada"),
    );
  });
});

describe("through groups", () => {
  it("a group whose members hold one role is not given the other, and how many hold it is said", async () => {
    const { enter, approve } = await at.rule();
    const [ada, bob] = [await at.person("Ada"), await at.person("Bob")];
    await at.holds(ada.userId, enter.id);
    const inner = await makeGroup(at.database, [ada.userId, bob.userId], "Inner");
    const outer = await makeGroup(at.database, [inner.id], "Outer");
    const refused = await at.assign([outer.id], approve.id);
    expect(refused).toEqual(conflicts("1 person in it holds"));
    expect(refused.ok || JSON.stringify(refused.error)).not.toContain("Ada");
  });

  it("somebody who holds one role is not added to a group that holds the other, nor a group of theirs", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    await at.holds(ada.userId, enter.id);
    const approvers = await makeGroup(at.database, [], "Approvers");
    const above = await makeGroup(at.database, [approvers.id], "Above");
    await at.holds(above.id, approve.id);
    const add = (groupId: string, memberId: string) =>
      addGroupMembers(at.database, at.owner, {
        groupId,
        memberIds: [memberId],
        justification: "Joins",
        proofId: null,
      });
    expect(await add(approvers.id, ada.userId)).toEqual(conflicts("Ada", "holds", enter.roleName));
    const team = await makeGroup(at.database, [ada.userId], "Team");
    expect(await add(approvers.id, team.id)).toEqual(conflicts("1 person in it holds"));
    const bob = await at.person("Bob");
    expect(await add(approvers.id, bob.userId)).toMatchObject(done);
    // And then Bob holds it through the group.
    expect(await at.assign([bob.userId], enter.id)).toEqual(conflicts("Bob", "through", "Above"));
  });

  it("nobody joins a group that holds both", async () => {
    const { enter, approve } = await at.rule();
    const both = await makeGroup(at.database, [], "Both");
    await at.holds(both.id, enter.id);
    await at.holds(both.id, approve.id);
    const ada = await at.person("Ada");
    expect(
      await addGroupMembers(at.database, at.owner, {
        groupId: both.id,
        memberIds: [ada.userId],
        justification: "Joins",
        proofId: null,
      }),
    ).toEqual(conflicts("Ada"));
  });

  it("a disabled person holds nothing, and is not enabled into a conflict", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const group = await makeGroup(at.database, [ada.userId], "Approvers");
    await at.holds(ada.userId, enter.id);
    const disabledAt = (value: Date | null) =>
      pastTheRules(at.database, (to) =>
        to.principal.update({ where: { id: ada.userId }, data: { disabledAt: value } }),
      );
    await disabledAt(now);
    expect(await at.assign([group.id], approve.id)).toMatchObject(done);
    expect(
      await enablePrincipal(at.database, at.owner, {
        principalId: ada.userId,
        justification: "Is back",
        proofId: null,
      }),
    ).toEqual(conflicts("Ada", "holds"));
  });
});

describe("a change of times", () => {
  it("is judged by the time that it adds", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const held = await at.holds(ada.userId, enter.id, at.tree.subscription.id, 10);
    expect(
      await at.assign([ada.userId], approve.id, { startsAt: addDays(now, 10), endsAt: addDays(now, 20) }),
    ).toMatchObject(done);
    const extend = (days: number) =>
      extendAssignment(at.database, at.owner, {
        assignmentType: "Active",
        id: held.id,
        expectedEnd: addDays(now, 10),
        endsAt: addDays(now, days),
        justification: "Longer",
        proofId: null,
      });
    expect(await extend(11)).toEqual(conflicts("Ada", approve.roleName));
    const update = (startsAt: Date | null, endsAt: Date | null) =>
      updateAssignment(at.database, at.owner, {
        assignmentType: "Active",
        id: held.id,
        expected: { startsAt: held.startsAt, endsAt: held.endsAt },
        startsAt,
        endsAt,
        justification: "Other times",
        proofId: null,
      });
    expect(await update(null, null)).toEqual(conflicts("Ada"));
    expect(await update(null, addDays(now, 9))).toMatchObject(done);
  });

  it("is allowed for access that conflicts already where it adds no time, and refused where it does", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const held = await at.holds(ada.userId, enter.id, at.tree.subscription.id, 10);
    await at.holds(ada.userId, approve.id);
    const update = (endsAt: Date) =>
      updateAssignment(at.database, at.owner, {
        assignmentType: "Active",
        id: held.id,
        expected: { startsAt: held.startsAt, endsAt: held.endsAt },
        startsAt: null,
        endsAt,
        justification: "Other times",
        proofId: null,
      });
    expect(await update(addDays(now, 11))).toEqual(conflicts("Ada"));
    expect(await update(addDays(now, 9))).toMatchObject(done);
  });

  it("does not renew what conflicts by now", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const held = await at.holds(ada.userId, enter.id, at.tree.subscription.id, 10);
    now = addDays(start, 11);
    await at.holds(ada.userId, approve.id);
    expect(
      await renewAssignment(at.database, at.owner, {
        assignmentType: "Active",
        id: held.id,
        startsAt: null,
        endsAt: addDays(now, 10),
        justification: "Again",
        proofId: null,
      }),
    ).toEqual(conflicts("Ada", approve.roleName));
  });
});

describe("an approval", () => {
  async function asked(provisioningRequiresMfa: boolean) {
    const { enter, approve, name } = await at.rule();
    const [ada, anna] = [await at.person("Ada"), await at.person("Anna Approver")];
    await at.database.client.roleManagementPolicy.updateMany({
      where: { roleDefinitionId: approve.id },
      data: {
        approvalRequired: true,
        approvalStages: [{ ...stageOf([anna.userId]) }],
        ...(provisioningRequiresMfa ? { activationRequiresMfa: true, provisioningRequiresMfa: true } : {}),
      },
    });
    const eligibility = await at.mayActivate(ada.userId, approve.id);
    return { ada, anna, enter, approve, eligibility, name };
  }

  it("fails the request of somebody who came to hold the other role, without saying what they hold", async () => {
    const { ada, anna, enter, eligibility, name } = await asked(false);
    const request = await at.activate(ada, eligibility);
    if (!request.ok) throw new Error(JSON.stringify(request));
    await at.holds(ada.userId, enter.id);
    const decided = await approveRequest(at.database, anna, {
      requestId: request.requestId,
      justification: "Fine",
      proofId: null,
    });
    expect(decided).toMatchObject({ ok: true, status: "Failed" });
    const reasons = JSON.stringify(decided);
    expect(reasons).toContain(name);
    expect(reasons).not.toContain(enter.roleName);
  });

  it("of an extension fails if the added time meets the other role by then, and the first one ends as before", async () => {
    const { ada, anna, enter, eligibility, name } = await asked(false);
    const presentEnd = addMinutes(now, 60);
    const running = await pastTheRules(at.database, (transaction) =>
      makeActivation(transaction, eligibility, addMinutes(now, -60), 120),
    );
    const of = { assignmentId: running.id, expectedEnd: presentEnd, endsAt: addMinutes(presentEnd, 60) };
    const ask = async () => {
      const proofId = await at.prove(extendActivationOperation(of), ada);
      const rest = { justification: "Longer", ticketNumber: null, ticketSystem: null, proofId };
      return extendActivation(at.database, ada, { ...of, ...rest });
    };
    const request = await ask();
    if (!request.ok) throw new Error(JSON.stringify(request));
    // The other role begins when this one ends.
    await grant(at.database, "active", ada.userId, enter.id, at.tree.subscription.id, {
      startsAt: presentEnd,
    });
    const decided = await approveRequest(at.database, anna, {
      requestId: request.requestId,
      justification: "Fine",
      proofId: null,
    });
    expect(decided).toMatchObject({ ok: true, status: "Failed" });
    expect(JSON.stringify(decided)).toContain(name);
    expect(JSON.stringify(decided)).not.toContain(enter.roleName);
    const { endsAt } = await at.database.client.assignment.findUniqueOrThrow({ where: { id: running.id } });
    expect(endsAt).toEqual(presentEnd);
    expect(await ask()).toEqual(conflicts("You hold"));
  });

  it("is not asked for by somebody who holds the other role", async () => {
    const { ada, enter, eligibility } = await asked(false);
    await at.holds(ada.userId, enter.id);
    expect(await at.activate(ada, eligibility)).toEqual(conflicts("You hold"));
  });

  it("with a new code leaves the request waiting if the other role is held by then", async () => {
    const { ada, anna, enter, approve, eligibility } = await asked(true);
    await at.database.client.roleManagementPolicy.updateMany({
      where: { roleDefinitionId: approve.id },
      data: { activationRequiresMfa: false, provisioningRequiresMfa: false },
    });
    const request = await at.activate(ada, eligibility);
    if (!request.ok) throw new Error(JSON.stringify(request));
    await at.database.client.roleManagementPolicy.updateMany({
      where: { roleDefinitionId: approve.id },
      data: { activationRequiresMfa: true, provisioningRequiresMfa: true },
    });
    await at.database.client.request.update({
      where: { id: request.requestId },
      data: {
        proofId: await at.prove(
          {
            kind: "ActivateRole",
            eligibilityId: eligibility.id,
            resourceId: eligibility.resourceId,
            startsAt: null,
            durationMinutes: 60,
          },
          ada,
        ),
      },
    });
    expect(
      await approveRequest(at.database, anna, {
        requestId: request.requestId,
        justification: "Fine",
        proofId: null,
      }),
    ).toMatchObject({ ok: true, status: "PendingProvisioning" });
    await at.holds(ada.userId, enter.id);
    const proofId = await at.prove(provisionRequestOperation(request.requestId), ada);
    const provision = () => provisionRequest(at.database, ada, { requestId: request.requestId, proofId });
    expect(await provision()).toEqual(conflicts("You hold"));
    await pastTheRules(at.database, (to) =>
      to.assignment.updateMany({
        where: { principalId: ada.userId, roleDefinitionId: enter.id },
        data: { endsAt: now },
      }),
    );
    expect(await provision()).toMatchObject(done);
  });
});
