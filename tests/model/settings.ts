// Editing role settings (docs/rules.md, section 4).
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { type Action, type Choice, forbidden, type Operation, spend } from "./action";
import { applyNewStages } from "./new-stages";
import { activationSettings, find, judgingLevels, may, same, settingsAt, waits } from "./rules";
import { done, failed, refused, type Settings, type Stage, type State, settingsKey } from "./state";
import { weakens } from "./weaken";
import { asOutcome, asProduct } from "./world";

const stage = (approvers: string[], more: Partial<Stage> = {}): Stage => ({
  approvers,
  escalation: [],
  needed: 1,
  hours: 2,
  ...more,
});

/** The kinds of approval that sequences choose among. */
export const approvals: readonly (readonly Stage[])[] = [
  [stage(["ann"])],
  [stage(["approvers"])],
  [stage(["approvers"], { escalation: ["bob"], hours: 1 })],
  [stage(["ann"]), stage(["bob"])],
  [stage(["ann", "bob"], { needed: 2 })],
  [stage(["ann"], { hours: 4 })],
];

function changed(before: Settings, choice: Choice): Settings {
  const flip = (value: boolean, inTimes: number) => (choice.once(inTimes) ? !value : value);
  const approval = flip(before.approval, 3);
  const stages =
    approval && (before.stages.length === 0 || choice.once(2)) ? choice.of(approvals) : undefined;
  const maximumMinutes = choice.of([before.maximumMinutes, 60, 480, 30, 1440]) ?? 480;
  const glass = choice.of([before.glass, before.glass, null, 30, 60]) ?? null;
  return {
    maximumMinutes,
    mfa: flip(before.mfa, 3),
    reason: flip(before.reason, 4),
    ticket: flip(before.ticket, 5),
    approval,
    stages: structuredClone([...(stages ?? before.stages)]),
    approverMfa: flip(before.approverMfa, 4),
    freshCode: flip(before.freshCode, 3),
    glass: glass === null ? null : Math.min(glass, maximumMinutes),
    eligibleDays: choice.of([before.eligibleDays, 30, 365, null, 15]) ?? null,
    activeDays: choice.of([before.activeDays, 15, 180, null, 30]) ?? null,
    assignMfa: flip(before.assignMfa, 3),
    assignReason: flip(before.assignReason, 4),
  };
}

export function editSettings(state: State, choice: Choice): Action | null {
  const actor = choice.of(["olga", "una", "una", "max"]);
  const role = choice.of(["Reader", "Operator", "Reader", "Admin"]);
  const at = choice.of(["production", "web", "app", "root"]);
  const before = state.settings[settingsKey(role, at)];
  const shown = (before?.version ?? 0) - (choice.once(8) ? 1 : 0);
  const settings = choice.once(12)
    ? settingsAt(state, role, at)
    : changed(settingsAt(state, role, at), choice);
  const wanted = rulesOf(settings);
  const like =
    (more: Partial<Settings>): Operation =>
    (id) => ({
      kind: "UpdateRoleSettings",
      roleDefinitionId: id(role),
      resourceId: id(at),
      expectedVersion: shown,
      settings: asProduct({ ...wanted, ...more }, id),
    });
  return {
    words: `${actor} edits ${role} at ${at} (version ${shown}): ${differences(settingsAt(state, role, at), wanted)}`,
    actor,
    operation: like({}),
    near: like({ maximumMinutes: wanted.maximumMinutes === 60 ? 90 : 60 }),
    locks: [{ table: "role_management_policies", name: role, at }],
    apply(after, proof) {
      if (!may(after, actor, "editSettings", at)) return forbidden;
      const key = settingsKey(role, at);
      const { version, ...now } = after.settings[key] ?? { ...settingsAt(after, role, at), version: 0 };
      if (version !== shown) return refused("StaleRoleSettings");
      if (same(rulesOf(now), wanted)) return done;
      const weaker = weakens(after, role, at, now, wanted);
      const proved = weaker && spend(after, proof, actor, like({}));
      if (weaker && !proved) return failed(["MfaRule"]);
      after.settings[key] = { ...structuredClone(wanted), version: version + 1 };
      after.deeds.push({ by: actor, at: after.now, role, resource: at });
      for (const request of after.requests) {
        const basis = find(after, request.about);
        if (!waits(request) || !basis || request.role !== role) continue;
        if (!judgingLevels(after, basis.at, request.at).includes(at)) continue;
        applyNewStages(after, request, activationSettings(after, role, basis.at, request.at));
      }
      return done;
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await updateRoleSettings(world.database, caller, {
          roleDefinitionId: world.id(role),
          resourceId: world.id(at),
          expectedVersion: shown,
          settings: asProduct(wanted, world.id),
          proofId,
        }),
      ),
  };
}

/** Settings without their version, always in the same order. */
function rulesOf(settings: Settings): Settings {
  const { maximumMinutes, mfa, reason, ticket, approval, stages, approverMfa, freshCode, glass } = settings;
  const { eligibleDays, activeDays, assignMfa, assignReason } = settings;
  const direct = { eligibleDays, activeDays, assignMfa, assignReason };
  return { maximumMinutes, mfa, reason, ticket, approval, stages, approverMfa, freshCode, glass, ...direct };
}

const differences = (before: Settings, after: Settings) =>
  Object.entries(rulesOf(after))
    .filter(([name, value]) => !same(value, Object.entries(before).find(([other]) => other === name)?.[1]))
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(", ") || "nothing";
