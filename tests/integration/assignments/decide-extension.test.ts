import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { action } from "@/lib/domain/roles/permissions";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import {
  approveExtensionOperation,
  type DecideExtensionInput,
  decideExtension,
} from "@/lib/operations/assignments/decide-extension";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import type { Caller } from "@/lib/platform/caller";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import { approveRequest } from "../../support/decide-one";
import { grant, makeCaller, makeGroup, makeRole, makeUser, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

const end = addDays(start, 60);

/** A member whose request waits; with `wait: "Renew"`, after the end. */
async function arrange(kind: "eligible" | "active", wait: "Extend" | "Renew" = "Extend", member?: Caller) {
  const asking = member ?? (await at.person("Max Member"));
  const role = await at.protectedRole();
  const access = await grant(at.database, kind, asking.userId, role.id, at.tree.subscription.id, {
    startsAt: addDays(start, -60),
    endsAt: addDays(start, wait === "Extend" ? 10 : -10),
  });
  const assignmentType = kind === "eligible" ? ("Eligible" as const) : ("Active" as const);
  const ask = wait === "Extend" ? requestExtension : requestRenewal;
  const asked = await ask(at.database, asking, {
    assignmentType,
    id: access.id,
    endsAt: end,
    justification: "The project goes on",
  });
  if (!asked.ok) throw new Error("the request was refused");
  const approve = (
    to: Partial<Extract<DecideExtensionInput["decision"], { decision: "Approve" }>> = {},
    proofId: string | null = null,
  ): DecideExtensionInput => ({
    requestId: asked.requestId,
    decision: { decision: "Approve", assignmentType, startsAt: null, endsAt: end, ...to },
    justification: "Agreed with the project",
    proofId,
  });
  const proof = (caller = at.owner, startsAt: Date | null = null, endsAt: Date | null = end) =>
    at.prove(approveExtensionOperation({ requestId: asked.requestId, startsAt, endsAt }), caller);
  const request = () => at.database.client.request.findUniqueOrThrow({ where: { id: asked.requestId } });
  return { member: asking, role, access, approve, proof, request, requestId: asked.requestId };
}
const eligibilityOf = (id: string) => at.database.client.eligibility.findUniqueOrThrow({ where: { id } });
const assignmentsOf = (principalId: string) =>
  at.database.client.assignment.findMany({ where: { principalId }, orderBy: { startsAt: "asc" } });

describe("an approval", () => {
  it("without a reason reports every other rule that it fails as well", async () => {
    const { approve } = await arrange("active");
    const wrong = approve({ endsAt: null });
    const missing = { ...wrong, justification: " " };
    expect(await decideExtension(at.database, at.owner, missing)).toMatchObject(
      refusedBy("JustificationRule", "ExpirationRule", "MfaRule"),
    );
    const eligible = await arrange("eligible");
    const permanent = { ...eligible.approve({ endsAt: null }), justification: null };
    expect(await decideExtension(at.database, at.owner, permanent)).toMatchObject(
      refusedBy("JustificationRule", "ExpirationRule"),
    );
  });

  it("moves the end of an eligibility, with the decision and the change in the log", async () => {
    const { member, access, approve, request } = await arrange("eligible");
    expect(await decideExtension(at.database, at.owner, approve())).toMatchObject({ ok: true });
    expect((await eligibilityOf(access.id)).endsAt).toEqual(end);
    expect(await request()).toMatchObject({
      status: "Provisioned",
      decidedById: at.owner.userId,
      decisionJustification: "Agreed with the project",
      resultingEligibilityId: access.id,
    });
    expect(await at.eventsOf(member.userId)).toEqual([
      "ExtensionRequested Success",
      "ExtensionApproved Success",
      "EligibleAssignmentExtended Success",
    ]);
  });

  it("extends a direct assignment only with the administrator's proof, bound to what is given", async () => {
    const { access, approve, proof, member } = await arrange("active");
    expect(await decideExtension(at.database, at.owner, approve())).toMatchObject(refusedBy("MfaRule"));
    const shorter = await proof(at.owner, null, addDays(start, 30));
    expect(await decideExtension(at.database, at.owner, approve({}, shorter))).toMatchObject(
      refusedBy("MfaRule"),
    );
    expect((await assignmentsOf(member.userId))[0]?.endsAt).toEqual(addDays(start, 10));
    const right = await proof();
    expect(await decideExtension(at.database, at.owner, approve({}, right))).toMatchObject({ ok: true });
    expect((await assignmentsOf(member.userId)).map(({ id, endsAt }) => [id, endsAt])).toEqual([
      [access.id, end],
    ]);
    const spent = await at.database.client.stepUpProof.findUniqueOrThrow({ where: { id: right } });
    expect(spent.spentAt).not.toBeNull();
  });

  it("turns an eligibility into an active assignment only with a proof, ending the eligibility", async () => {
    const { access, approve, proof, member, role, request } = await arrange("eligible");
    await pastTheRules(at.database, (to) =>
      to.assignment.create({
        data: {
          principalId: member.userId,
          roleDefinitionId: role.id,
          resourceId: at.tree.subscription.id,
          assignmentType: "Activated",
          eligibilityId: access.id,
          startsAt: addMinutes(start, -60),
          endsAt: addMinutes(start, 60),
        },
      }),
    );
    const active = { assignmentType: "Active" as const };
    expect(await decideExtension(at.database, at.owner, approve(active))).toMatchObject(refusedBy("MfaRule"));
    expect(await decideExtension(at.database, at.owner, approve(active, await proof()))).toMatchObject({
      ok: true,
    });
    expect((await eligibilityOf(access.id)).endsAt).toEqual(start);
    const rows = await assignmentsOf(member.userId);
    expect(rows.map((row) => [row.assignmentType, row.startsAt, row.endsAt])).toEqual([
      ["Activated", addMinutes(start, -60), start],
      ["Assigned", start, end],
    ]);
    expect((await request()).resultingAssignmentId).toBe(rows[1]?.id);
  });

  it("turns an active assignment into an eligibility without one", async () => {
    const { access, approve, member } = await arrange("active");
    const later = addDays(start, 2);
    expect(
      await decideExtension(at.database, at.owner, approve({ assignmentType: "Eligible", startsAt: later })),
    ).toMatchObject({ ok: true });
    expect((await assignmentsOf(member.userId)).map(({ id, endsAt }) => [id, endsAt])).toEqual([
      [access.id, later],
    ]);
    expect(
      await at.database.client.eligibility.findMany({ where: { principalId: member.userId } }),
    ).toMatchObject([{ startsAt: later, endsAt: end }]);
  });

  it("renews as a new row, now or later, linked to the old one", async () => {
    const { access, approve, member, request } = await arrange("eligible", "Renew");
    const later = addDays(start, 3);
    expect(await decideExtension(at.database, at.owner, approve({ startsAt: later }))).toMatchObject({
      ok: true,
    });
    const rows = await at.database.client.eligibility.findMany({
      where: { principalId: member.userId },
      orderBy: { startsAt: "asc" },
    });
    expect(rows.map(({ endsAt }) => endsAt)).toEqual([addDays(start, -10), end]);
    expect(await request()).toMatchObject({
      status: "ScheduleCreated",
      eligibilityId: access.id,
      resultingEligibilityId: rows[1]?.id,
    });
    expect(await at.eventsOf(member.userId)).toEqual([
      "RenewalRequested Success",
      "RenewalApproved Success",
      "EligibleAssignmentRenewed Success",
    ]);
  });

  it("renews a direct assignment, and an eligibility as active, only with a proof", async () => {
    const direct = await arrange("active", "Renew");
    expect(await decideExtension(at.database, at.owner, direct.approve())).toMatchObject(
      refusedBy("MfaRule"),
    );
    expect(
      await decideExtension(at.database, at.owner, direct.approve({}, await direct.proof())),
    ).toMatchObject({ ok: true });
    const eligible = await arrange("eligible", "Renew");
    const active = { assignmentType: "Active" as const };
    expect(await decideExtension(at.database, at.owner, eligible.approve(active))).toMatchObject(
      refusedBy("MfaRule"),
    );
    expect(await assignmentsOf(eligible.member.userId)).toEqual([]);
    expect(
      await decideExtension(at.database, at.owner, eligible.approve(active, await eligible.proof())),
    ).toMatchObject({ ok: true });
  });

  it("renews what was to be extended when the end has passed meanwhile", async () => {
    const { approve, member } = await arrange("eligible");
    now = addDays(start, 11);
    expect(await decideExtension(at.database, at.owner, approve())).toMatchObject({ ok: true });
    const rows = await at.database.client.eligibility.findMany({ where: { principalId: member.userId } });
    expect(rows).toHaveLength(2);
  });

  it("reports every failed rule under the settings in force when it is given", async () => {
    const { approve, proof, role, access } = await arrange("active");
    await at.database.client.roleManagementPolicy.updateMany({
      where: { roleDefinitionId: role.id },
      data: { activeMaximumDays: 15 },
    });
    expect(await decideExtension(at.database, at.owner, approve())).toMatchObject(
      refusedBy("ExpirationRule", "MfaRule"),
    );
    expect(
      await decideExtension(at.database, at.owner, { ...approve({}, await proof()), justification: "" }),
    ).toMatchObject(refusedBy("JustificationRule", "ExpirationRule"));
    expect(
      (await at.database.client.assignment.findUniqueOrThrow({ where: { id: access.id } })).endsAt,
    ).toEqual(addDays(start, 10));
  });
});

describe("who decides", () => {
  it("is nobody on their own request, directly or through a group, however deep", async () => {
    const user = await makeUser(at.database, "Ina Inside");
    const insider = await makeCaller(at.database, user);
    const role = await makeRole(at.database, "Administrator", {
      actions: [action.writeAssignment, action.writeEligibility, "*/read"],
    });
    await grant(at.database, "active", user.id, role.id, at.tree.root.id);
    const own = await arrange("eligible", "Extend", insider);
    expect(await decideExtension(at.database, insider, own.approve())).toMatchObject(
      refusedWith("OwnRequest"),
    );
    expect(
      await decideExtension(at.database, insider, {
        ...own.approve(),
        decision: { decision: "Deny" },
      }),
    ).toMatchObject(refusedWith("OwnRequest"));

    const colleague = await at.person("Carl Colleague");
    const inner = await makeGroup(at.database, [insider.userId], "Inner");
    const outer = await makeGroup(at.database, [inner.id, colleague.userId], "Outer");
    const shared = await at.protectedRole();
    const access = await grant(at.database, "eligible", outer.id, shared.id, at.tree.subscription.id, {
      endsAt: addDays(start, 5),
    });
    const asked = await requestExtension(at.database, colleague, {
      assignmentType: "Eligible",
      id: access.id,
      endsAt: end,
      justification: "For the team",
    });
    if (!asked.ok) throw new Error("the request was refused");
    const decision = {
      requestId: asked.requestId,
      decision: {
        decision: "Approve" as const,
        assignmentType: "Eligible" as const,
        startsAt: null,
        endsAt: end,
      },
      justification: "Yes",
      proofId: null,
    };
    expect(await decideExtension(at.database, insider, decision)).toMatchObject(refusedWith("OwnRequest"));
    expect(await decideExtension(at.database, at.owner, decision)).toMatchObject({ ok: true });
  });

  it("holds the permission for what there is and for what is given, at that moment", async () => {
    const { approve, proof } = await arrange("eligible");
    const stranger = await at.person("Eve Else");
    expect(await decideExtension(at.database, stranger, approve())).toMatchObject(refusedWith("NotFound"));
    const halfRole = await makeRole(at.database, "Half", { actions: [action.writeEligibility, "*/read"] });
    await grant(at.database, "active", stranger.userId, halfRole.id, at.tree.root.id, {
      endsAt: addMinutes(start, 30),
    });
    const active = approve({ assignmentType: "Active" }, await proof(stranger));
    expect(await decideExtension(at.database, stranger, active)).toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    now = addMinutes(start, 30);
    expect(await decideExtension(at.database, stranger, approve())).toMatchObject(refusedWith("NotFound"));
    now = addMinutes(start, 29);
    expect(await decideExtension(at.database, stranger, approve())).toMatchObject({ ok: true });
  });

  it("is one of any number at once, and one proof serves one of two requests", async () => {
    const { approve, proof, member } = await arrange("active");
    const input = approve({}, await proof());
    const deny = { ...approve(), decision: { decision: "Deny" as const } };
    const results = await atOnce(
      at.test,
      Array.from(
        { length: 8 },
        (_, index) => () => decideExtension(at.database, at.owner, index % 2 === 0 ? input : deny),
      ),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    for (const result of results.filter((each) => !each.ok))
      expect(result).toMatchObject(refusedWith("RequestNotPending"));
    const other = await arrange("active");
    expect(
      await decideExtension(at.database, at.owner, { ...other.approve(), proofId: input.proofId }),
    ).toMatchObject(refusedBy("MfaRule"));
    expect(await assignmentsOf(member.userId)).toHaveLength(1);
  });
});

it("denies with a reason, changing nothing, and answers for an unknown request as for another kind", async () => {
  const { access, requestId, request, member } = await arrange("eligible");
  const deny = { requestId, decision: { decision: "Deny" as const }, justification: "", proofId: null };
  expect(await decideExtension(at.database, at.owner, deny)).toMatchObject(refusedBy("JustificationRule"));
  expect(
    await decideExtension(at.database, at.owner, { ...deny, justification: "The project has ended" }),
  ).toMatchObject({ ok: true });
  expect(await request()).toMatchObject({ status: "Denied", resultingEligibilityId: null });
  expect((await eligibilityOf(access.id)).endsAt).toEqual(addDays(start, 10));
  expect(await at.eventsOf(member.userId)).toContain("ExtensionDenied Success");
  expect(
    await decideExtension(at.database, at.owner, { ...deny, requestId: crypto.randomUUID() }),
  ).toMatchObject(refusedWith("NotFound"));
});

describe("the other verbs on requests", () => {
  it("let the member cancel, after which nobody approves, and they may ask again", async () => {
    const { member, requestId, approve, request, access } = await arrange("eligible");
    const stranger = await at.person("Eve Else");
    const cancel = { requestId, justification: null };
    expect(await cancelRequest(at.database, stranger, cancel)).toMatchObject(refusedWith("NotFound"));
    expect(await cancelRequest(at.database, member, cancel)).toMatchObject({ ok: true });
    expect(await request()).toMatchObject({ status: "Canceled" });
    expect(await decideExtension(at.database, at.owner, approve())).toMatchObject(
      refusedWith("RequestNotPending"),
    );
    const again = { assignmentType: "Eligible" as const, id: access.id, endsAt: end };
    expect(
      await requestExtension(at.database, member, { ...again, justification: "It goes on after all" }),
    ).toMatchObject({ ok: true });
  });

  it("do not approve it as an activation, and time out nothing of it", async () => {
    const { requestId, request } = await arrange("active", "Renew");
    expect(
      await approveRequest(at.database, at.owner, { requestId, justification: "Yes", proofId: null }),
    ).toMatchObject(refusedWith("NotFound"));
    now = addDays(start, 20);
    await timeOutRequests(at.database);
    expect(await request()).toMatchObject({ status: "PendingApproval" });
  });
});
