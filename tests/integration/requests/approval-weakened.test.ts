import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { withNotificationRule } from "@/lib/domain/roles/notification-settings";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { addMinutes } from "@/lib/domain/time/schedule";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { approveRequest } from "../../support/decide-one";
import { grant, makeCaller, makeGroup, makeProof, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
let otherOwner: Caller;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  otherOwner = await at.person("Otto Owner");
  const ownerRole = at.ownerAssignment.roleDefinitionId;
  await grant(at.database, "active", otherOwner.userId, ownerRole, at.tree.root.id);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

type Arranged = Awaited<ReturnType<typeof arrangeApproval>>;
type Options = Omit<NonNullable<Parameters<typeof arrangeApproval>[1]>, "tree">;

/** An approval, and a way to edit its settings: with no proof, or with the one that belongs to the edit. */
async function arrange(options: Options = {}) {
  const arranged = await arrangeApproval(at.database, { tree: at.tree, ...options });
  let settings = arranged.settings;
  const edit = async (changes: Partial<RoleSettings>, how: { proved: boolean; by?: Caller }) => {
    const wanted = { ...settings, ...changes };
    const policy = await at.database.client.roleManagementPolicy.findFirstOrThrow({
      where: { roleDefinitionId: arranged.role.id, resourceId: at.tree.subscription.id },
    });
    const about = {
      roleDefinitionId: arranged.role.id,
      resourceId: at.tree.subscription.id,
      expectedVersion: policy.version,
      settings: wanted,
    };
    const by = how.by ?? at.owner;
    const proofId = how.proved
      ? await makeProof(at.database, by, { kind: "UpdateRoleSettings", ...about })
      : null;
    const result = await updateRoleSettings(at.database, by, { ...about, proofId });
    if (result.ok) settings = wanted;
    return result;
  };
  const stages = (...approvalStages: ApprovalStage[]) => ({ approvalStages });
  return { ...arranged, edit, stages };
}

const approve = (caller: Caller, requestId: string, proofId: string | null = null) =>
  approveRequest(at.database, caller, { requestId, justification: "Known outage", proofId });
const disable = (id: string) =>
  at.database.client.principal.update({ where: { id }, data: { disabledAt: now } });
const mfa = refusedBy("MfaRule");

describe("an edit takes a step-up that", () => {
  const cases: Record<string, (arranged: Arranged) => Promise<ApprovalStage[]>> = {
    "leaves an empty group alone to decide": async () => [stageOf([(await makeGroup(at.database, [])).id])],
    "leaves a group of disabled people to decide": async () => {
      const gone = await makeUser(at.database, "Gone");
      await disable(gone.id);
      return [stageOf([(await makeGroup(at.database, [gone.id])).id])];
    },
    "leaves a disabled group to decide": async ({ people }) => {
      const group = await makeGroup(
        at.database,
        people.map(({ id }) => id),
      );
      await disable(group.id);
      return [stageOf([group.id])];
    },
    "takes the decision right from one who can decide": async ({ people }) => [
      stageOf([people[0]?.id ?? ""]),
    ],
    "makes an approver wait for the escalation": async ({ people }) => [
      stageOf([people[0]?.id ?? ""], { escalationApproverIds: [people[1]?.id ?? ""] }),
    ],
    "doubles the wait by an escalation to the approvers themselves": async ({ people }) => [
      stageOf(
        people.map(({ id }) => id),
        { escalationApproverIds: [people[0]?.id ?? ""] },
      ),
    ],
    "lengthens the time-out": async ({ people }) => [
      stageOf(
        people.map(({ id }) => id),
        { timeoutHours: 25 },
      ),
    ],
    "adds a stage that nobody can decide": async ({ settings }) => [
      ...settings.approvalStages,
      stageOf([(await makeGroup(at.database, [])).id]),
    ],
    "names an empty group as escalation in a further stage": async ({ settings, people }) => [
      ...settings.approvalStages,
      stageOf([people[0]?.id ?? ""], { escalationApproverIds: [(await makeGroup(at.database, [])).id] }),
    ],
  };
  it.each(Object.entries(cases))("%s", async (_, make) => {
    const arranged = await arrange();
    const changes = arranged.stages(...(await make(arranged)));
    expect(await arranged.edit(changes, { proved: false })).toMatchObject(mfa);
    expect(await arranged.edit(changes, { proved: true })).toMatchObject({ ok: true });
  });

  it("reduces the approvers to an empty group that was among them", async () => {
    const empty = await makeGroup(at.database, []);
    const { edit, stages } = await arrange({ stages: (ids) => [stageOf([...ids, empty.id])] });
    expect(await edit(stages(stageOf([empty.id])), { proved: false })).toMatchObject(mfa);
  });

  it("needs more approvals than are able, or than are able but for one who may ask", async () => {
    const { stages, edit, people, role } = await arrange();
    const [first, second] = people.map(({ id }) => id);
    const group = await makeGroup(at.database, [first ?? "", second ?? ""]);
    await setSettings(at.database, role.id, at.tree.subscription.id, {
      ...(await arrange()).settings,
      approvalStages: [stageOf([group.id])],
    });
    const needing = (approvalsNeeded: number) => stages(stageOf([group.id], { approvalsNeeded }));
    expect(await edit(needing(3), { proved: false })).toMatchObject(mfa);
    await grant(at.database, "eligible", second ?? "", role.id, at.tree.group.id);
    expect(await edit(needing(2), { proved: false })).toMatchObject(mfa);
  });

  it("requires approval by nobody who is able, where none was required", async () => {
    const empty = await makeGroup(at.database, []);
    const { edit, stages } = await arrange({ settings: { approvalRequired: false } });
    const required = { approvalRequired: true };
    expect(await edit({ ...required, ...stages(stageOf([empty.id])) }, { proved: false })).toMatchObject(mfa);
    // The stages may have been added before, while they had no effect.
    expect(await edit(stages(stageOf([empty.id])), { proved: false })).toMatchObject({ ok: true });
    expect(await edit(required, { proved: false })).toMatchObject(mfa);
  });

  it("lets one stage stand for two that were", async () => {
    const mate = await makeUser(at.database, "Mate");
    const { edit, stages, people } = await arrange({
      stages: (ids) => [stageOf(ids.slice(0, 1)), stageOf(ids.slice(0, 1), { timeoutHours: 48 })],
    });
    const one = people[0]?.id ?? "";
    expect(await edit(stages(stageOf([one]), stageOf([mate.id])), { proved: false })).toMatchObject(mfa);
  });

  it("makes a stage the same as that of a level above or below, so that one person passes both", async () => {
    const { edit, stages, people, role, settings } = await arrange();
    const [first, second] = people.map(({ id }) => id);
    const one = stages(stageOf([first ?? ""]));
    await disable(second ?? "");
    for (const level of [at.tree.root, at.tree.group]) {
      await setSettings(at.database, role.id, level.id, { ...settings, ...one });
      expect(await edit(one, { proved: false })).toMatchObject(mfa);
      await setSettings(at.database, role.id, level.id, { ...settings, ...one, approvalRequired: false });
    }
    expect(await edit(one, { proved: false })).toMatchObject({ ok: true });
  });

  it("makes a stage the same as that of one level among hundreds below", async () => {
    const { edit, stages, people, role, settings } = await arrange();
    const [first, second] = people.map(({ id }) => id);
    const one = stages(stageOf([first ?? ""]));
    await disable(second ?? "");
    await setSettings(at.database, role.id, at.tree.group.id, { ...settings, ...one });
    /** Levels below that each have lists of their own, as the group has for `one`. */
    const below = (count: number, approver: string) =>
      at.test.asOwner(
        `WITH made AS (
           INSERT INTO resources (parent_id, scope, display_name, resource_type)
           SELECT id, scope || '/providers/Contoso.Apps/apps/' || $3::text || n, 'app', 'Contoso.Apps/apps'
           FROM resources, generate_series(1, $4::int) AS s (n) WHERE id = $1::uuid RETURNING id)
         INSERT INTO role_management_policies SELECT (jsonb_populate_record(p, jsonb_build_object(
           'id', gen_random_uuid(), 'resource_id', made.id, 'approval_stages', jsonb_build_array(
             p.approval_stages -> 0 || jsonb_build_object('timeoutHours', 100 + row_number() OVER (),
               'approverIds', jsonb_build_array($3::text)))))).*
         FROM role_management_policies p, made WHERE p.resource_id = $1::uuid AND p.role_definition_id = $2::uuid`,
        [at.tree.group.id, role.id, approver, count],
      );
    await below(250, "00000000-0000-4000-8000-000000000000");
    expect(await edit(one, { proved: false })).toMatchObject(mfa);
    await setSettings(at.database, role.id, at.tree.group.id, {
      ...settings,
      ...one,
      approvalRequired: false,
    });
    expect(await edit({ ...one, activationMaximumMinutes: 30 }, { proved: false })).toMatchObject({
      ok: true,
    });
    // More levels share an approver than are compared: an edit that drops a stage requires the code.
    await setSettings(at.database, role.id, at.tree.group.id, { ...settings, ...one });
    await below(250, first ?? "");
    const shorter = stages(stageOf([first ?? ""], { timeoutHours: 12 }));
    expect(await edit(shorter, { proved: false })).toMatchObject(mfa);
  });

  it("is judged by who is able now: whoever is disabled already is missed by nobody", async () => {
    const { edit, stages, people } = await arrange();
    await disable(people[1]?.id ?? "");
    const left = stages(stageOf([people[0]?.id ?? ""]));
    expect(await edit(left, { proved: false })).toMatchObject({ ok: true });
    const shorter = stages(stageOf([people[0]?.id ?? ""], { timeoutHours: 12 }));
    expect(await edit(shorter, { proved: false })).toMatchObject({ ok: true });
  });
});

describe("where no approver is able, an administrator decides", () => {
  it("but not who edited the settings since the request was made, even with a factor", async () => {
    const { waiting, edit, stages } = await arrange();
    const empty = await makeGroup(at.database, []);
    const id = await waiting();
    now = addMinutes(start, 5);
    const emptied = await edit(stages(stageOf([empty.id])), { proved: true });
    expect(emptied).toMatchObject({ ok: true });
    expect(await approve(at.owner, id)).toMatchObject(refusedWith("AuthorizationFailed"));
    const shown = await requestsToDecide(at.database, at.owner, { search: "", after: null });
    expect(shown.rows.map((row) => row.id)).not.toContain(id);
    expect(await approve(otherOwner, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("but nobody who edited them, though another edited them last", async () => {
    const { waiting, edit, stages } = await arrange();
    const empty = await makeGroup(at.database, []);
    const id = await waiting();
    now = addMinutes(start, 5);
    await edit(stages(stageOf([empty.id])), { proved: true });
    now = addMinutes(start, 6);
    await edit({ activationMaximumMinutes: 120 }, { proved: false, by: otherOwner });
    for (const caller of [at.owner, otherOwner])
      expect(await approve(caller, id)).toMatchObject(refusedWith("AuthorizationFailed"));
  });

  it("and may be who edited them before the request was made", async () => {
    const { waiting, edit, stages } = await arrange();
    const empty = await makeGroup(at.database, []);
    await edit(stages(stageOf([empty.id])), { proved: true });
    now = addMinutes(start, 5);
    const id = await waiting();
    expect(await approve(at.owner, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("but not who took the members out of the group that is asked, or out of one within it", async () => {
    const approver = await makeUser(at.database, "Gina Group");
    const inner = await makeGroup(at.database, [approver.id], "Night shift");
    const group = await makeGroup(at.database, [inner.id], "Approvers");
    const { waiting } = await arrange({ stages: () => [stageOf([group.id])] });
    const id = await waiting();
    now = addMinutes(start, 5);
    const removal = { groupId: inner.id, memberId: approver.id, justification: "Left" };
    expect(await removeGroupMember(at.database, at.owner, removal)).toMatchObject({ ok: true });
    expect(await approve(at.owner, id)).toMatchObject(refusedWith("AuthorizationFailed"));
    expect(await approve(otherOwner, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("but not who disabled the approvers", async () => {
    const { waiting, people } = await arrange();
    const id = await waiting();
    now = addMinutes(start, 5);
    for (const { id: principalId } of people)
      expect(
        await disablePrincipal(at.database, at.owner, { principalId, justification: "On leave" }),
      ).toMatchObject({ ok: true });
    expect(await approve(at.owner, id)).toMatchObject(refusedWith("AuthorizationFailed"));
    expect(await approve(otherOwner, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("but not who took the approvers away before the request was made, by the group or one by one", async () => {
    const approver = await makeUser(at.database, "Gina Group");
    const group = await makeGroup(at.database, [approver.id], "Approvers");
    const byGroup = await arrange({ stages: () => [stageOf([group.id])] });
    const byName = await arrange({ stages: (ids) => [stageOf(ids.slice(0, 1))] });
    const removal = { groupId: group.id, memberId: approver.id, justification: "Left" };
    expect(await removeGroupMember(at.database, at.owner, removal)).toMatchObject({ ok: true });
    const gone = { principalId: byName.people[0]?.id ?? "", justification: "On leave" };
    expect(await disablePrincipal(at.database, at.owner, gone)).toMatchObject({ ok: true });
    now = addMinutes(start, 5);
    for (const { waiting } of [byGroup, byName]) {
      const id = await waiting();
      expect(await approve(at.owner, id)).toMatchObject(refusedWith("AuthorizationFailed"));
      expect(await approve(otherOwner, id)).toMatchObject({ ok: true, status: "Provisioned" });
    }
    // Not for ever: somebody must be able to decide.
    now = addMinutes(start, 60 * 24 * 31);
    const id = await byGroup.waiting({ proved: true });
    expect(await approve(at.owner, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("with the code that the settings ask of approvers", async () => {
    const { waiting, people, prove } = await arrange({ settings: { approvalRequiresStepUp: true } });
    for (const { id } of people) await disable(id);
    const id = await waiting();
    expect(await approve(otherOwner, id)).toMatchObject(mfa);
    const proofId = await prove(otherOwner, "Approve", [id]);
    expect(await approve(otherOwner, id, proofId)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("and their approval lapses when they edit the settings after it", async () => {
    const { waiting, people, edit } = await arrange({
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })],
    });
    for (const { id } of people) await disable(id);
    const id = await waiting();
    expect(await approve(at.owner, id)).toMatchObject({ ok: true, status: "PendingApproval" });
    now = addMinutes(start, 5);
    expect(await edit({ activationMaximumMinutes: 120 }, { proved: false })).toMatchObject({ ok: true });
    expect(await approve(otherOwner, id)).toMatchObject({ ok: true, status: "PendingApproval" });
  });
});

describe("approvals given already stay with their stage when the settings change", () => {
  const two = async (stages: (ids: string[], third: string) => ApprovalStage[]) => {
    const third = await makeUser(at.database, "Carl Approver");
    const arranged = await arrange({ stages: (ids) => stages(ids, third.id) });
    return { ...arranged, third: await makeCaller(at.database, third) };
  };

  it("from two stages to the first, while it is asked", async () => {
    const { waiting, first, second, edit, settings, read } = await two((ids, third) => [
      stageOf(ids, { approvalsNeeded: 2 }),
      stageOf([third]),
    ]);
    const id = await waiting();
    await approve(first, id);
    now = addMinutes(start, 60);
    expect(
      await edit({ approvalStages: settings.approvalStages.slice(0, 1) }, { proved: true }),
    ).toMatchObject({ ok: true });
    expect((await read(id)).approval).toMatchObject({ givenBy: [first.userId], openedAt: start });
    expect(await approve(first, id)).toMatchObject(refusedWith("AuthorizationFailed"));
    expect(await approve(second, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("from two stages to the second, while that one is asked", async () => {
    const { waiting, first, second, third, edit, settings } = await two((ids, third) => [
      stageOf([third]),
      stageOf(ids, { approvalsNeeded: 2 }),
    ]);
    const id = await waiting();
    await approve(third, id);
    await approve(first, id);
    await edit({ approvalStages: settings.approvalStages.slice(1) }, { proved: true });
    expect(await approve(second, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("and complete nothing by themselves: a passed stage that alone is left waits for a word", async () => {
    const { waiting, first, edit, settings, read, user, third } = await two((ids, third) => [
      stageOf(ids),
      stageOf([third]),
    ]);
    const id = await waiting();
    await approve(first, id);
    await edit({ approvalStages: settings.approvalStages.slice(0, 1) }, { proved: true });
    expect(await read(id)).toMatchObject({
      status: "PendingApproval",
      approval: { stage: 0, givenBy: [first.userId] },
    });
    expect(await at.database.client.assignment.count({ where: { principalId: user.id } })).toBe(0);
    expect(await approve(third, id)).toMatchObject({ ok: false });
    expect(await approve(first, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("when stages change places, or one comes before them", async () => {
    const fourth = await makeUser(at.database, "Dora Approver");
    const { waiting, first, third, edit, settings, stages } = await two((ids, third) => [
      stageOf(ids),
      stageOf([third]),
    ]);
    const [one, other] = settings.approvalStages;
    if (!one || !other) throw new Error("two stages");
    const id = await waiting();
    await approve(first, id);
    await edit(stages(stageOf([fourth.id]), other, one), { proved: true });
    expect(await approve(third, id)).toMatchObject(refusedWith("AuthorizationFailed"));
    const caller = await makeCaller(at.database, fourth);
    expect(await approve(caller, id)).toMatchObject({ ok: true, status: "PendingApproval" });
    expect(await approve(third, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });

  it("but never for a stage that is another one now", async () => {
    const { waiting, first, second, edit, stages, third } = await two((ids) => [
      stageOf(ids, { approvalsNeeded: 2 }),
    ]);
    const id = await waiting();
    await approve(first, id);
    const all = [first, second, third].map((each) => each.userId);
    await edit(stages(stageOf(all, { approvalsNeeded: 2 })), { proved: true });
    expect(await approve(second, id)).toMatchObject({ ok: true, status: "PendingApproval" });
    expect(await approve(third, id)).toMatchObject({ ok: true, status: "Provisioned" });
  });
});

describe("who is notified is protected like the rest", () => {
  const on = { defaultRecipients: true, additionalAddresses: ["soc@contoso.example"], criticalOnly: false };
  const changes = {
    "switches default recipients off": { ...on, defaultRecipients: false },
    "tells only what is critical": { ...on, criticalOnly: true },
    "takes an address away": { ...on, additionalAddresses: [] },
    "adds an address outside the allowed domains": {
      ...on,
      additionalAddresses: ["soc@contoso.example", "evil@elsewhere.example"],
    },
    "puts an outside address in an inside one's place": {
      ...on,
      additionalAddresses: ["evil@elsewhere.example"],
    },
    "adds an address below an allowed domain": {
      ...on,
      additionalAddresses: ["soc@contoso.example", "a@sub.contoso.example"],
    },
  };
  it.each(Object.entries(changes))("an edit takes a step-up that %s", async (_, rule) => {
    await at.database.client.installation.update({
      where: { id: 1 },
      data: { allowedMailDomains: ["contoso.example"] },
    });
    const { settings, edit, role } = await arrange();
    const withRule = (each: typeof on) => ({
      notifications: withNotificationRule(settings.notifications, "Admin_Assignment", "Admin", each),
    });
    await setSettings(at.database, role.id, at.tree.subscription.id, { ...settings, ...withRule(on) });
    expect(await edit(withRule(rule), { proved: false })).toMatchObject(mfa);
    expect(await edit(withRule(rule), { proved: true })).toMatchObject({ ok: true });
    // Back again: unmuting requires nothing; removing an address does.
    const inside = { ...on, additionalAddresses: ["soc@contoso.example", "Ops@CONTOSO.example"] };
    const loses = rule.additionalAddresses.some((each) => !inside.additionalAddresses.includes(each));
    expect(await edit(withRule(inside), { proved: false })).toMatchObject(loses ? mfa : { ok: true });
  });
});
