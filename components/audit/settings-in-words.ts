import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { roleSettingSections } from "@/lib/domain/roles/role-setting-rows";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsShape } from "@/lib/domain/roles/role-settings-shape";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Role settings from the log, each under the label that its page uses; anything else unchanged. Settings that did not
 * exist when the event was written are left out. `approvers` are the names at the time, by id.
 */
export function settingsInWords(fields: Fields, approvers: unknown): Fields {
  if (!("activationMaximumMinutes" in fields)) return fields;
  const parsed = roleSettingsShape.safeParse({ ...defaultRoleSettings, ...fields });
  if (!parsed.success) return fields;
  const names = new Map<string, unknown>(
    typeof approvers === "object" && approvers !== null ? Object.entries(approvers) : [],
  );
  const nameOf = (id: string) => {
    const name = names.get(id);
    return typeof name === "string" ? name : id;
  };
  return Object.fromEntries(
    roleSettingSections(parsed.data, nameOf)
      .flatMap((section) => section.rows)
      .filter((row) => row.name in fields)
      .map((row) => [row.label, row.value]),
  );
}

const labels = new Map<string, string>(
  roleSettingSections(
    { ...defaultRoleSettings, approvalRequired: true, approvalStages: [emptyApprovalStage] },
    (id) => id,
  )
    .flatMap((section) => section.rows)
    .map((row) => [row.name, row.label]),
);

/** The label of a setting on the role settings page; the name itself if there is no label. */
export function settingLabel(name: string): string {
  return labels.get(name) ?? name;
}
