import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { replayDays } from "@/lib/domain/gate/replay-days";
import type { ReplayEffect } from "@/lib/domain/gate/settings-replay";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { extendActivation } from "@/lib/operations/activation/extend-activation";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { replaySettings } from "@/lib/queries/roles/replay-settings";
import { type Administration, makeAdministration } from "../../support/administration";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import { grant, makeRole } from "../../support/factories";

const day = 86_400_000;
let now = new Date("2026-11-02T09:00:00Z");
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const open: RoleSettings = {
  ...defaultRoleSettings,
  activationRequiresMfa: false,
  activationRequiresJustification: false,
  assignmentRequiresJustification: false,
  eligibleMaximumDays: null,
  activeMaximumDays: null,
};

interface Asked {
  readonly durationMinutes?: number;
  readonly justification?: string | null;
  readonly ticketNumber?: string | null;
  readonly resourceId?: string;
}

/** A role whose settings require nothing at the subscription and its group, and a member who is eligible for it. */
async function arrange(settings: RoleSettings = open) {
  const { database, tree } = at;
  const role = await makeRole(database, `Contributor ${crypto.randomUUID()}`, { actions: ["*/read"] });
  for (const { id } of [tree.subscription, tree.group]) await setSettings(database, role.id, id, settings);
  const member = await at.person("Mia Member");
  const eligibility = await grant(database, "eligible", member.userId, role.id, tree.subscription.id);
  const activate = (
    { resourceId = tree.subscription.id, ...asked }: Asked = {},
    proofId: string | null = null,
  ) =>
    activateRole(database, member, {
      eligibilityId: eligibility.id,
      resourceId,
      startsAt: null,
      durationMinutes: asked.durationMinutes ?? 60,
      justification: asked.justification ?? null,
      ticketNumber: asked.ticketNumber ?? null,
      ticketSystem: asked.ticketNumber ? "ServiceNow" : null,
      proofId,
    });
  /** Activates, and deactivates again, so that the next one is possible. */
  const activated = async (asked: Asked = {}) => {
    const done = await activate(asked);
    if (!done.ok || done.status !== "Provisioned") throw new Error("not activated");
    now = new Date(now.getTime() + 10 * 60_000);
    expect(await deactivateRole(database, member, { assignmentId: done.assignmentId })).toMatchObject({
      ok: true,
    });
    now = new Date(now.getTime() + 60_000);
  };
  const assign = async (assignmentType: "Eligible" | "Active", endsAt: Date | null, principalId?: string) =>
    assignRole(database, at.owner, {
      assignmentType,
      roleDefinitionId: role.id,
      resourceId: tree.subscription.id,
      principalIds: [principalId ?? (await at.person("Ned New")).userId],
      startsAt: null,
      endsAt,
      justification: null,
      proofId: null,
    });
  const replay = (
    settingsAfter: Partial<RoleSettings>,
    more: {
      resourceId?: string;
      caller?: typeof member;
      shown?: { effect: ReplayEffect; page: number };
      limits?: { requests: number; candidates: number; places: number };
    } = {},
  ) =>
    replaySettings(
      database,
      more.caller ?? at.owner,
      {
        roleDefinitionId: role.id,
        resourceId: more.resourceId ?? tree.subscription.id,
        settings: { ...settings, ...settingsAfter },
      },
      more.shown ?? null,
      more.limits,
    );
  const save = async (settingsAfter: Partial<RoleSettings>, expectedVersion = 1) => {
    const input = {
      roleDefinitionId: role.id,
      resourceId: tree.subscription.id,
      expectedVersion,
      settings: { ...settings, ...settingsAfter },
    };
    const proofId = await at.prove({ kind: "UpdateRoleSettings", ...input });
    return updateRoleSettings(database, at.owner, { ...input, proofId });
  };
  return { role, member, eligibility, activate, activated, assign, replay, save };
}

const figuresOf = (replay: Awaited<ReturnType<typeof replaySettings>>) =>
  Object.fromEntries((replay?.figures ?? []).map(({ effect, requests }) => [effect, requests]));

describe("an administrator who is about to save role settings", () => {
  it("reads how many of the last activations would have been refused or approved, and which", async () => {
    const { activated, replay, member } = await arrange();
    await activated({ durationMinutes: 60, justification: "Deployment" });
    await activated({ durationMinutes: 240 });
    await activated({ durationMinutes: 480, justification: "Night work", ticketNumber: "INC-7" });
    const approver = await at.person("Ann Approver");
    const change = {
      ...approvedBy([stageOf([approver.userId])]),
      activationRequiresMfa: false,
      activationRequiresJustification: true,
      activationMaximumMinutes: 240,
    };
    const found = await replay(change, { shown: { effect: "Activation.Duration+", page: 1 } });
    // Each rule by itself: a request that would have been refused may also have needed an approval.
    expect(figuresOf(found)).toEqual({
      "Activation.Duration+": 1,
      "Activation.Justification+": 1,
      "Activation.Approval+": 3,
    });
    expect(found).toMatchObject({ activations: 3, assignments: 0, differing: 3, whole: true, version: 1 });
    expect(found?.list).toMatchObject({
      effect: "Activation.Duration+",
      ...{ page: 1, pages: 1 },
      rows: [{ person: { id: member.userId }, durationMinutes: 480, resourceName: "Production" }],
    });
  });

  it("reads that an extension counts as an activation from when it was asked for to its new end", async () => {
    const { activate, member, replay } = await arrange();
    const done = await activate({ durationMinutes: 60, justification: "Deployment" });
    if (!done.ok || done.status !== "Provisioned") throw new Error("not activated");
    const end = new Date(now.getTime() + 60 * 60_000);
    now = new Date(now.getTime() + 30 * 60_000);
    const extended = await extendActivation(at.database, member, {
      ...{ assignmentId: done.assignmentId, expectedEnd: end, endsAt: new Date(end.getTime() + 60 * 60_000) },
      ...{ justification: null, ticketNumber: null, ticketSystem: null, proofId: null },
    });
    expect(extended).toMatchObject({ ok: true });
    const found = await replay(
      { activationRequiresJustification: true, activationMaximumMinutes: 60 },
      { shown: { effect: "Activation.Duration+", page: 1 } },
    );
    expect(found).toMatchObject({ activations: 2 });
    // 30 minutes were left, and 60 more were requested.
    expect(figuresOf(found)).toEqual({ "Activation.Duration+": 1, "Activation.Justification+": 1 });
    expect(found?.list?.rows).toMatchObject([{ durationMinutes: 90 }]);
  });

  it("reads that nothing would have differed when nothing is changed, or only who is notified", async () => {
    const { activated, replay } = await arrange();
    await activated();
    expect(await replay({})).toMatchObject({ activations: 1, differing: 0, figures: [] });
  });

  it("reads what weaker settings would have let through without a code or an approval", async () => {
    const approver = await at.person("Ann Approver");
    const strict = approvedBy([stageOf([approver.userId])], { activationRequiresMfa: false });
    const { activate, replay } = await arrange(strict);
    expect(await activate({ justification: "Deployment" })).toMatchObject({ status: "PendingApproval" });
    const other = await at.person("Olga Other");
    expect(
      figuresOf(await replay({ approvalRequired: false }, { resourceId: at.tree.subscription.id })),
    ).toEqual({
      "Activation.Approval-": 1,
    });
    expect(figuresOf(await replay({ approvalStages: [stageOf([other.userId])] }))).toEqual({
      "Activation.Approval~": 1,
    });
  });

  it("reads what direct and eligible assignments would have met", async () => {
    const { assign, replay } = await arrange();
    const inDays = (days: number) => new Date(now.getTime() + days * day);
    await assign("Eligible", null);
    await assign("Active", null);
    await assign("Active", inDays(20));
    await assign("Active", inDays(100));
    expect(
      figuresOf(
        await replay({ eligibleMaximumDays: 365, activeMaximumDays: 90, assignmentRequiresMfa: true }),
      ),
    ).toEqual({
      "Assignment.Permanent+": 2,
      "Assignment.Duration+": 1,
      "Assignment.Code+": 3,
    });
  });

  it("reads of no code that a rule asks for anyway", async () => {
    const { database, tree, owner } = at;
    const { role, replay } = await arrange();
    const input = {
      assignmentType: "Active" as const,
      roleDefinitionId: role.id,
      resourceId: tree.subscription.id,
      principalIds: [owner.userId],
      startsAt: null,
      endsAt: new Date(now.getTime() + day),
    };
    const proofId = await at.prove(assignRoleOperation(input));
    expect(await assignRole(database, owner, { ...input, justification: null, proofId })).toMatchObject({
      ok: true,
    });
    expect(await replay({ assignmentRequiresMfa: true })).toMatchObject({ assignments: 1, differing: 0 });
  });

  it("reads of no request that another level judges, nor of one that another level refuses as well", async () => {
    const { activated, activate, replay, role, member, assign } = await arrange();
    const { database, tree } = at;
    // Activated below: both levels count.
    await activated({ resourceId: tree.group.id });
    expect(figuresOf(await replay({ activationRequiresTicket: true }))).toEqual({ "Activation.Ticket+": 1 });
    await setSettings(database, role.id, tree.group.id, { ...open, activationRequiresTicket: true });
    expect(await replay({ activationRequiresTicket: true })).toMatchObject({ activations: 1, differing: 0 });
    // Eligible below alone: the settings above do not apply to an activation of it.
    const below = await at.person("Ben Below");
    const own = await grant(database, "eligible", below.userId, role.id, tree.group.id);
    await setSettings(database, role.id, tree.group.id, open);
    expect(
      await activateRole(database, below, {
        ...{ eligibilityId: own.id, resourceId: tree.group.id, startsAt: null, durationMinutes: 60 },
        ...{ justification: null, ticketNumber: null, ticketSystem: null, proofId: null },
      }),
    ).toMatchObject({ ok: true });
    expect(await replay({ activationRequiresTicket: true })).toMatchObject({ activations: 1 });
    // A first edit above would count for assignments below.
    await assign("Active", null, member.userId);
    const root = { ...open, activeMaximumDays: 30 };
    expect(figuresOf(await replay(root, { resourceId: tree.root.id }))).toMatchObject({
      "Assignment.Permanent+": 1,
    });
    expect(await activate()).toMatchObject({ ok: false });
  });

  it("reads of the last ninety days by the database's clock, and of the newest where there are too many", async () => {
    const { activated, replay } = await arrange();
    const start = now;
    await activated();
    now = new Date(start.getTime() + 30 * day);
    await activated();
    await activated();
    const change = { activationRequiresTicket: true };
    expect(await replay(change)).toMatchObject({ activations: 3, whole: true });
    const few = await replay(change, { limits: { requests: 2, candidates: 50, places: 500 } });
    expect(few).toMatchObject({ activations: 2, whole: false, differing: 2 });
    expect(few?.since.getTime()).toBe(start.getTime() + 30 * day);
    // The same when a large place is searched, and when the number of requests is limited.
    const large = { requests: 5, candidates: 50, places: 0 };
    expect(await replay(change, { limits: large })).toMatchObject({ activations: 3, whole: true });
    const looked = await replay(change, { limits: { ...large, candidates: 1 } });
    expect(looked).toMatchObject({ activations: 2, whole: false });
    now = new Date(start.getTime() + replayDays * day + 1);
    expect(await replay(change)).toMatchObject({ activations: 2, whole: true });
  });

  it("turns the pages of the requests behind a figure", async () => {
    const { activated, replay } = await arrange();
    for (let number = 0; number < 11; number += 1) await activated();
    const shown = { effect: "Activation.Ticket+" as const, page: 2 };
    const change = { activationRequiresTicket: true };
    expect((await replay(change, { shown }))?.list).toMatchObject({ page: 2, pages: 2, rows: [{}] });
    // A page beyond the end shows the last one.
    const beyond = { ...shown, page: 9 };
    expect((await replay(change, { shown: beyond }))?.list).toMatchObject({ page: 2, pages: 2 });
  });
});

describe("who may see a replay", () => {
  it("is whoever may edit the settings there, and reads names only with the right to read assignments", async () => {
    const { activated, replay, role, member } = await arrange();
    const { database, tree } = at;
    await activated();
    const change = { activationRequiresTicket: true };
    const shown = { effect: "Activation.Ticket+" as const, page: 1 };
    expect(await replay(change, { caller: member, shown })).toBeNull();
    expect(await replay(change, { caller: await at.person("Nora Nobody"), shown })).toBeNull();
    const editing = await makeRole(database, "Settings editor", {
      actions: [
        "Microsoft.Authorization/roleManagementPolicies/read",
        "Microsoft.Authorization/roleManagementPolicies/write",
      ],
    });
    const editor = await at.person("Ed Editor");
    await grant(database, "active", editor.userId, editing.id, tree.subscription.id);
    const seen = await replay(change, { caller: editor, shown });
    expect(seen).toMatchObject({ differing: 1, listable: false, list: null });
    // Not above their scope (rule 8), and not for a role that does not exist.
    expect(await replay(change, { caller: editor, resourceId: tree.root.id })).toBeNull();
    const unknown = { roleDefinitionId: crypto.randomUUID(), resourceId: tree.root.id, settings: open };
    expect(await replaySettings(database, at.owner, unknown, null)).toBeNull();
    expect(role.id).toBeTruthy();
  });
});

describe("what a replay foretells", () => {
  it("is what the gate then does with the same requests", async () => {
    const approver = await at.person("Ann Approver");
    const requests: Asked[] = [
      { durationMinutes: 60, justification: "Deployment", ticketNumber: "INC-7" },
      { durationMinutes: 480, justification: null },
      { durationMinutes: 240, justification: "Deployment" },
      { durationMinutes: 30, justification: null, ticketNumber: "INC-8" },
    ];
    const changes: Partial<RoleSettings>[] = [
      { activationMaximumMinutes: 120 },
      { activationRequiresTicket: true, activationMaximumMinutes: 240 },
      { activationRequiresJustification: true },
      { activationRequiresMfa: true },
      { approvalRequired: true, approvalStages: [stageOf([approver.userId])] },
      {
        approvalRequired: true,
        approvalStages: [stageOf([approver.userId])],
        activationRequiresTicket: true,
      },
    ];
    const ruleOf: Record<string, string> = {
      ExpirationRule: "Activation.Duration+",
      JustificationRule: "Activation.Justification+",
      TicketingRule: "Activation.Ticket+",
      MfaRule: "Activation.Code+",
    };
    for (const change of changes) {
      const { activated, activate, replay, save } = await arrange();
      for (const asked of requests) await activated(asked);
      const foretold: Record<string, number> = figuresOf(await replay(change));
      expect(await save(change)).toMatchObject({ ok: true });
      const met: Record<string, number> = {};
      const meet = (effect: string) => {
        met[effect] = (met[effect] ?? 0) + 1;
      };
      const allowed = { durationMinutes: 30, justification: "Deployment", ticketNumber: "INC-9" };
      for (const asked of requests) {
        const first = await activate(asked);
        const refused = !first.ok && first.error.code === "RoleAssignmentRequestPolicyValidationFailed";
        const rules = refused ? first.error.failures.map(({ rule }) => ruleOf[rule] ?? rule) : [];
        for (const rule of new Set(rules)) meet(rule);
        // A refused request is judged again in its allowed form, to see what else it requires.
        const done = refused && !rules.includes("Activation.Code+") ? await activate(allowed) : first;
        if (done.ok && done.status === "PendingApproval") {
          meet("Activation.Approval+");
          expect(
            await cancelRequest(at.database, at.owner, {
              requestId: done.requestId,
              justification: "Asked for the test",
            }),
          ).toMatchObject({
            ok: true,
          });
        }
        now = new Date(now.getTime() + 12 * 3_600_000);
      }
      expect(met, JSON.stringify(change)).toEqual(foretold);
    }
  });
});
