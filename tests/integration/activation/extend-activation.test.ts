import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { addMinutes } from "@/lib/domain/time/schedule";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import {
  type ExtendActivationInput,
  extendActivation,
  extendActivationOperation,
} from "@/lib/operations/activation/extend-activation";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { setSettings } from "../../support/approval";
import { oneAfterTheOther } from "../../support/database/held-lock";
import {
  grant,
  makeActivation,
  makeCaller,
  makeGroup,
  makeRole,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

type Eligibility = Parameters<typeof makeActivation>[1];

/** An activation of an eligibility at a resource, without any check. */
const activated = (eligibility: Eligibility, resourceId: string, from: Date, until: Date) =>
  pastTheRules(at.database, (transaction) =>
    makeActivation(
      transaction,
      { ...eligibility, resourceId },
      from,
      (until.getTime() - from.getTime()) / 60_000,
    ),
  );

/** Somebody who activated a role an hour ago, with an hour left. */
async function arrange(settings: Partial<RoleSettings> = {}, eligibleUntil: Date | null = null) {
  const { database, tree } = at;
  const user = await makeUser(database, "Max Member");
  const caller = await makeCaller(database, user);
  const role = await makeRole(database, "Contributor", { actions: ["*/read"] });
  await setSettings(database, role.id, tree.subscription.id, { ...defaultRoleSettings, ...settings });
  const eligibility = await grant(database, "eligible", user.id, role.id, tree.subscription.id, {
    endsAt: eligibleUntil,
  });
  const presentEnd = addMinutes(start, 60);
  const activation = await activated(eligibility, tree.group.id, addMinutes(start, -60), presentEnd);
  const input = (
    minutesMore: number,
    changes: Partial<ExtendActivationInput> = {},
  ): ExtendActivationInput => ({
    assignmentId: activation.id,
    expectedEnd: presentEnd,
    endsAt: addMinutes(presentEnd, minutesMore),
    justification: "The fix takes longer",
    ticketNumber: null,
    ticketSystem: null,
    proofId: null,
    ...changes,
  });
  const proved = async (minutesMore: number, changes: Partial<ExtendActivationInput> = {}, by = caller) => {
    const of = input(minutesMore, changes);
    return { ...of, proofId: await at.prove(extendActivationOperation(of), by) };
  };
  const extend = async (minutesMore: number, changes: Partial<ExtendActivationInput> = {}) =>
    extendActivation(database, caller, await proved(minutesMore, changes));
  const read = () => database.client.assignment.findUniqueOrThrow({ where: { id: activation.id } });
  return { user, caller, role, eligibility, activation, presentEnd, input, proved, extend, read };
}

const messagesOf = (result: { ok: boolean; error?: unknown }) => JSON.stringify(result);

describe("extending a running activation", () => {
  it("moves its end, keeps its id, spends the proof, and logs the old end and the new one", async () => {
    const one = await arrange();
    const input = await one.proved(90);
    const result = await extendActivation(at.database, one.caller, input);
    const endsAt = addMinutes(one.presentEnd, 90);
    expect(result).toMatchObject({ ok: true, status: "Provisioned", endsAt });
    expect(await one.read()).toMatchObject({ startsAt: one.activation.startsAt, endsAt, removedAt: null });
    const requests = await at.database.client.request.findMany({ where: { principalId: one.user.id } });
    expect(requests).toMatchObject([
      {
        ...{ requestType: "SelfExtend", status: "Provisioned", endsAt, durationMinutes: 150 },
        ...{ assignmentId: one.activation.id, eligibilityId: one.eligibility.id, proofId: input.proofId },
      },
    ]);
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "ActivationExtended", assignmentId: one.activation.id },
    });
    expect(event).toMatchObject({
      outcome: "Success",
      factor: "Totp",
      proofId: input.proofId,
      details: { endsAt: endsAt.toISOString(), endBefore: one.presentEnd.toISOString() },
    });
    // The proof is spent, and the end that it was made for has passed.
    expect(await extendActivation(at.database, one.caller, input)).toMatchObject(
      refusedWith("StaleAssignment"),
    );
  });

  it("takes a proof for exactly this end of this activation, by its member, and no other", async () => {
    const one = await arrange();
    const other = await arrange();
    const wrong = [
      null,
      (await one.proved(31)).proofId,
      (await other.proved(30)).proofId,
      (await one.proved(30, { expectedEnd: addMinutes(one.presentEnd, 1) })).proofId,
      (await one.proved(30, {}, other.caller)).proofId,
      (await one.proved(30, {}, await makeCaller(at.database, one.user))).proofId,
    ];
    for (const proofId of wrong)
      expect(await extendActivation(at.database, one.caller, one.input(30, { proofId }))).toMatchObject(
        refusedBy("MfaRule"),
      );
    const late = await one.proved(30);
    now = addMinutes(now, 6);
    expect(await extendActivation(at.database, one.caller, late)).toMatchObject(refusedBy("MfaRule"));
    expect((await one.read()).endsAt).toEqual(one.presentEnd);
    const refused = await at.database.client.auditEvent.findMany({
      where: { kind: "ActivationExtended", assignmentId: one.activation.id },
    });
    expect(refused).toHaveLength(wrong.length + 1);
    expect(refused.every(({ outcome }) => outcome === "Failure")).toBe(true);
  });

  it("needs no code where the settings ask for none", async () => {
    const one = await arrange({ activationRequiresMfa: false });
    // The level below is judged as well. Nobody edited it, so its default requires a code.
    await setSettings(at.database, one.role.id, at.tree.group.id, {
      ...defaultRoleSettings,
      activationRequiresMfa: false,
    });
    expect(await extendActivation(at.database, one.caller, one.input(30))).toMatchObject({ ok: true });
  });

  it("reports every rule that it fails at once, the strictest of every level", async () => {
    const one = await arrange({ activationMaximumMinutes: 480 }, addMinutes(start, 150));
    await setSettings(at.database, one.role.id, at.tree.group.id, {
      ...defaultRoleSettings,
      activationRequiresTicket: true,
      activationMaximumMinutes: 120,
    });
    await activated(one.eligibility, at.tree.group.id, addMinutes(start, 90), addMinutes(start, 140));
    const result = await extendActivation(at.database, one.caller, one.input(100, { justification: " " }));
    expect(result).toMatchObject(
      refusedBy(
        "ExpirationRule",
        "EligibilityRule",
        "OverlapRule",
        "JustificationRule",
        "TicketingRule",
        "TicketingRule",
        "MfaRule",
      ),
    );
    const said = messagesOf(result);
    expect(said).toContain("From now it may last at most 2 hours. Extend by at most 1 hour.");
    expect(said).toContain("Your eligibility ends before that. Extend by at most 1.5 hours.");
    expect(said).toContain("This role begins again for you before that. Extend by at most 30 minutes.");
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "ActivationExtended", assignmentId: one.activation.id },
    });
    expect(event.failedRules).toEqual([
      ...[
        "ExpirationRule",
        "EligibilityRule",
        "OverlapRule",
        "JustificationRule",
        "TicketingRule",
        "MfaRule",
      ],
    ]);
  });

  it("lasts at most the maximum from now, and to the end of the eligibility", async () => {
    const one = await arrange({ activationMaximumMinutes: 120 });
    expect(await one.extend(61)).toMatchObject(refusedBy("ExpirationRule"));
    expect(await one.extend(60)).toMatchObject({ ok: true, endsAt: addMinutes(start, 120) });
    const other = await arrange({}, addMinutes(start, 75));
    expect(await other.extend(16)).toMatchObject(refusedBy("EligibilityRule"));
    expect(await other.extend(15)).toMatchObject({ ok: true });
  });

  it("only makes it longer", async () => {
    const one = await arrange();
    for (const minutes of [0, -30, -90])
      expect(await one.extend(minutes)).toMatchObject(refusedBy("ExpirationRule"));
  });

  it("runs up to the next activation of the same role, and not into it", async () => {
    const one = await arrange();
    await activated(one.eligibility, at.tree.group.id, addMinutes(start, 120), addMinutes(start, 180));
    expect(await one.extend(61)).toMatchObject(refusedBy("OverlapRule"));
    expect(await one.extend(60)).toMatchObject({ ok: true });
  });

  it("is refused once it has ended, without giving the role back", async () => {
    const one = await arrange();
    const input = await one.proved(90);
    now = one.presentEnd;
    expect(await extendActivation(at.database, one.caller, input)).toMatchObject(
      refusedWith("RoleAssignmentDoesNotExist"),
    );
    expect((await one.read()).endsAt).toEqual(one.presentEnd);
  });

  it("is refused before it begins", async () => {
    const one = await arrange();
    const later = await activated(
      one.eligibility,
      at.tree.subscription.id,
      addMinutes(start, 30),
      addMinutes(start, 60),
    );
    expect(await one.extend(30, { assignmentId: later.id })).toMatchObject(
      refusedWith("RoleAssignmentDoesNotExist"),
    );
  });

  it("is for the member's own activations alone, and somebody else's looks like none", async () => {
    const one = await arrange();
    const direct = await grant(at.database, "active", one.user.id, one.role.id, at.tree.root.id, {
      endsAt: one.presentEnd,
    });
    const stranger = await at.person("Sam Stranger");
    for (const caller of [stranger, at.owner]) {
      const input = await one.proved(30, {}, caller);
      expect(await extendActivation(at.database, caller, input)).toMatchObject(refusedWith("NotFound"));
    }
    for (const assignmentId of [direct.id, one.eligibility.id, one.user.id])
      expect(await one.extend(30, { assignmentId })).toMatchObject(refusedWith("NotFound"));
  });

  it("is refused to somebody who lost the eligibility, alone or with the group", async () => {
    const one = await arrange();
    const group = await makeGroup(at.database, [one.user.id]);
    const through = await grant(at.database, "eligible", group.id, one.role.id, at.tree.subscription.id);
    const activation = await activated(
      { ...through, principalId: one.user.id },
      at.tree.subscription.id,
      start,
      one.presentEnd,
    );
    const more = { assignmentId: activation.id };
    expect(await one.extend(30, more)).toMatchObject({ ok: true });
    await at.database.client.groupMember.delete({
      where: { groupId_memberId: { groupId: group.id, memberId: one.user.id } },
    });
    const again = { ...more, expectedEnd: addMinutes(one.presentEnd, 30) };
    expect(await one.extend(60, again)).toMatchObject(refusedWith("RoleAssignmentDoesNotExist"));
    await pastTheRules(at.database, (transaction) =>
      transaction.eligibility.update({ where: { id: one.eligibility.id }, data: { endsAt: start } }),
    );
    expect(await one.extend(30)).toMatchObject(refusedWith("RoleAssignmentDoesNotExist"));
  });

  it("asked for twice at the same time, from two tabs, moves the end once", async () => {
    const one = await arrange();
    const [first, second] = await Promise.all([one.proved(30), one.proved(60)]);
    const [won, lost] = await oneAfterTheOther(
      at.test,
      () => extendActivation(at.database, one.caller, first),
      () => extendActivation(at.database, one.caller, second),
    );
    expect(won).toMatchObject({ ok: true });
    expect(lost).toMatchObject(refusedWith("StaleAssignment"));
    expect((await one.read()).endsAt).toEqual(first.endsAt);
  });

  it("and deactivated at the same time, ends now, whichever comes first", async () => {
    for (const leading of ["first", "second"] as const) {
      const one = await arrange();
      const input = await one.proved(30);
      const [extended, deactivated] = await oneAfterTheOther(
        at.test,
        () => extendActivation(at.database, one.caller, input),
        () => deactivateRole(at.database, one.caller, { assignmentId: one.activation.id }),
        leading,
      );
      expect(deactivated).toMatchObject({ ok: true });
      expect(extended).toMatchObject(
        leading === "first" ? { ok: true } : refusedWith("RoleAssignmentDoesNotExist"),
      );
      expect((await one.read()).endsAt).toEqual(start);
    }
  });

  it("is judged by the settings that are in force when it commits", async () => {
    for (const leading of ["first", "second"] as const) {
      const one = await arrange();
      const input = await one.proved(120);
      const settings = { ...defaultRoleSettings, activationMaximumMinutes: 90 };
      const edit = {
        roleDefinitionId: one.role.id,
        resourceId: at.tree.subscription.id,
        expectedVersion: 1,
        settings,
      };
      const [extended, edited] = await oneAfterTheOther(
        at.test,
        () => extendActivation(at.database, one.caller, input),
        () => updateRoleSettings(at.database, at.owner, { ...edit, proofId: null }),
        leading,
      );
      expect(edited).toMatchObject({ ok: true });
      expect(extended).toMatchObject(leading === "first" ? { ok: true } : refusedBy("ExpirationRule"));
    }
  });

  it("and the loss of the eligibility at the same time leave nothing active", async () => {
    for (const leading of ["first", "second"] as const) {
      const one = await arrange();
      const input = await one.proved(30);
      const removal = {
        assignmentType: "Eligible" as const,
        id: one.eligibility.id,
        justification: "Moved to another team",
      };
      const [extended, removed] = await oneAfterTheOther(
        at.test,
        () => extendActivation(at.database, one.caller, input),
        () => removeAssignment(at.database, at.owner, removal),
        leading,
      );
      expect(removed).toMatchObject({ ok: true });
      expect(extended.ok).toBe(leading === "first");
      expect((await one.read()).endsAt).toEqual(start);
    }
  });

  it("is limited, since administrators hear of each", async () => {
    const one = await arrange({ activationMaximumMinutes: 1440 });
    let end = one.presentEnd;
    for (let minute = 1; minute <= 50; minute += 1) {
      expect(await one.extend(minute, { expectedEnd: end })).toMatchObject({ ok: true });
      end = addMinutes(one.presentEnd, minute);
    }
    expect(await one.extend(51, { expectedEnd: end })).toMatchObject(refusedWith("TooManyRequests"));
  });
});
