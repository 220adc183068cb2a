import { permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import type { RoleSettingsRow } from "@/lib/domain/imports/import-kinds";
import { mailAddressOf } from "@/lib/domain/people/mail-address";
import { type ApprovalStage, normalStage } from "@/lib/domain/roles/approval-settings";
import { type NotificationSettings, withNotificationRule } from "@/lib/domain/roles/notification-settings";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { changedRows } from "@/lib/domain/roles/role-setting-rows";
import { changedSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import {
  type About,
  asShown,
  bad,
  changes,
  type ImportContext,
  type Importer,
  type ImportItem,
  type ImportVerdict,
  proofAge,
  recorded,
  unchanged,
} from "@/lib/operations/imports/importer";
import { aboutPrincipal, type FoundPrincipal } from "@/lib/operations/imports/principal-targets";
import { loadSettingsTargets, type SettingsTarget } from "@/lib/operations/imports/settings-targets";
import {
  faultsOfSettings,
  type SettingsEdit,
  saveRoleSettingsIn,
  weakenedByEdit,
} from "@/lib/operations/roles/save-role-settings";

/** A row with what the settings would become, and the people named in them. */
interface Edit extends SettingsEdit {
  readonly target: SettingsTarget;
  readonly item: ImportItem<RoleSettingsRow>;
  readonly approvers: readonly FoundPrincipal[];
}

/**
 * Imports role settings. Each row is judged as saving by hand is: the right to edit settings at the resource, a code
 * if it weakens protection, known approvers. Settings that PIM's rules do not mention stay as they are.
 */
export const importRoleSettings: Importer<RoleSettingsRow> = async (context, items) => {
  const { transaction, caller } = context;
  const targets = await loadSettingsTargets(context, items);
  const complete = [...targets.values()].filter((target) => typeof target !== "string");
  const held = await permissionsUntilCommit(transaction, caller.userId, [
    ...new Set(complete.map(({ resource }) => resource.id)),
  ]);
  const may = (resourceId: string) => {
    context.takes({ resourceId, action: action.writeRoleSettings });
    return anyAllows(held.get(resourceId) ?? [], action.writeRoleSettings);
  };
  const seen = new Set<string>();
  const planned = items.map((item): Edit | ImportVerdict => {
    const target = targets.get(item.number) ?? "It was not understood.";
    if (typeof target === "string") return bad(item.number, target);
    if (!may(target.resource.id))
      return bad(item.number, `You may not edit role settings at ${target.resource.scope}.`);
    const pair = `${target.role.id} ${target.resource.id}`;
    if (seen.has(pair)) return bad(item.number, "Another row is the same.");
    seen.add(pair);
    return planEdit(item, target);
  });
  const edits = planned.filter((each) => "policy" in each);
  const faults = await faultsOfSettings(
    transaction,
    edits.map(({ settings }) => settings),
  );
  const faultsOf = new Map(edits.map((edit, index) => [edit, faults[index] ?? []]));
  const proof = context.write ? await context.proof() : null;
  const verdicts: ImportVerdict[] = [];
  const ready: Edit[] = [];
  for (const each of planned) {
    if (!("policy" in each)) {
      verdicts.push(each);
      continue;
    }
    const beside = stagesBeside(each, edits);
    const verdict = await judge(context, each, faultsOf.get(each) ?? [], { proved: proof !== null, beside });
    verdicts.push(verdict);
    if (verdict.outcome === "Change" && !verdict.needsProof) ready.push(each);
  }
  if (!context.write) return verdicts;
  const byResource = new Map<string, Edit[]>();
  for (const each of ready) {
    const { id } = each.target.resource;
    byResource.set(id, [...(byResource.get(id) ?? []), each]);
  }
  for (const edits of byResource.values()) {
    const [first] = edits;
    if (!first) continue;
    const entry = { kind: "RoleSettingsUpdated" as const, caller, justification: context.justification };
    const { resource } = first.target;
    const details = { importId: context.importId, ...proofAge(proof) };
    await saveRoleSettingsIn(
      transaction,
      caller,
      resource,
      edits,
      async () => recorded(proof) ?? (context.rehearsal ? "Rehearsed" : null),
      { ...entry, resource },
      details,
    );
  }
  return verdicts;
};

/**
 * The stages that other rows give the same role above and below. A request passes two equal stages at
 * once, so the rows together may weaken what none weakens alone.
 */
function stagesBeside({ role, target }: Edit, edits: readonly Edit[]): (readonly ApprovalStage[])[] {
  const here = `${target.resource.path}.`;
  return edits.flatMap((other) => {
    const there = `${other.target.resource.path}.`;
    const related = here !== there && (here.startsWith(there) || there.startsWith(here));
    const asks = other.role.id === role.id && other.settings.approvalRequired;
    return related && asks ? [other.settings.approvalStages] : [];
  });
}

/** What the settings would become, or why they cannot. */
function planEdit(item: ImportItem<RoleSettingsRow>, target: SettingsTarget): Edit | ImportVerdict {
  const { data, number } = item;
  const { role, policy } = target;
  const before = policy.settings;
  const approvers = new Map<string, FoundPrincipal>();
  const idsOf = (names: readonly string[]): string[] | string => {
    const ids: string[] = [];
    for (const name of names) {
      const found = target.approver(name);
      if (typeof found === "string") return found;
      approvers.set(found.id, found);
      ids.push(found.id);
    }
    return ids;
  };
  const stages = [];
  for (const { approvers: named, escalation, timeoutHours } of data.stages ?? []) {
    const [approverIds, escalationApproverIds] = [idsOf(named), idsOf(escalation)];
    if (typeof approverIds === "string") return bad(number, approverIds);
    if (typeof escalationApproverIds === "string") return bad(number, escalationApproverIds);
    stages.push(normalStage({ approverIds, approvalsNeeded: 1, timeoutHours, escalationApproverIds }));
  }
  const settings: RoleSettings = {
    ...before,
    ...data.settings,
    ...(data.stages === null ? {} : { approvalStages: stages }),
    notifications: notificationsOf(before.notifications, data),
  };
  return { role, policy, settings, target, item, approvers: [...approvers.values()] };
}

/** The notifications with the rules of the row. The same addresses in another order count as equal. */
function notificationsOf(
  before: NotificationSettings,
  { notifications }: RoleSettingsRow,
): NotificationSettings {
  return notifications.reduce((settings, { event, recipient, rule }) => {
    const here = settings[event][recipient].additionalAddresses;
    const given = [...new Set(rule.additionalAddresses.map(mailAddressOf))];
    const same = here.length === given.length && given.every((address) => here.includes(address));
    return withNotificationRule(settings, event, recipient, {
      ...rule,
      additionalAddresses: same ? here : given,
    });
  }, before);
}

async function judge(
  context: ImportContext,
  { item, target, role, policy, settings, approvers }: Edit,
  faults: readonly { readonly message: string }[],
  { proved, beside }: { readonly proved: boolean; readonly beside: readonly (readonly ApprovalStage[])[] },
): Promise<ImportVerdict> {
  const { number, data } = item;
  const { resource } = target;
  const about: About = {
    principals: approvers.map((each) => aboutPrincipal("Approver", each)),
    facts: { roleId: role.id, resourceId: resource.id, settingsVersion: policy.version },
  };
  const notes = (first: string | null) => [...(first ? [first] : []), ...data.notes].join("\n") || null;
  if (changedSettings(policy.settings, settings).length === 0) return unchanged(number, about, notes(null));
  if (faults.length > 0)
    return { ...bad(number, notes(faults.map(({ message }) => message).join(" ")) ?? "", about) };
  const edit = { role, policy, settings };
  const weakened = await weakenedByEdit(context.transaction, resource.id, edit, beside);
  const names = new Map(approvers.map(({ id, displayName }) => [id, displayName]));
  const rows = changedRows(policy.settings, settings, weakened, (id) => names.get(id) ?? "somebody else");
  const side = (of: "before" | "after") => Object.fromEntries(rows.map((row) => [row.label, row[of]]));
  const shown = asShown(context, item, changes(number, about, side("before"), side("after")));
  if (shown.outcome === "Bad") return shown;
  const weaker = [...new Set(rows.filter(({ weakens }) => weakens).map(({ label }) => label))];
  const needsProof = weakened.length > 0 && !proved;
  const reason = weaker.length > 0 ? `It weakens: ${weaker.join(", ")}. That takes a second factor.` : null;
  return { ...shown, reason: notes(reason), needsProof };
}
