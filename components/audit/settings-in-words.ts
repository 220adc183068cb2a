import { emptyApprovalStage } from "@/lib/domain/roles/approval-settings";
import { roleSettingSections } from "@/lib/domain/roles/role-setting-rows";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsShape } from "@/lib/domain/roles/role-settings-shape";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Role settings as the log keeps them, each setting under the words that its page has for it; anything else as it is.
 * An event written before a setting came to be says nothing of it. `approvers` are the names at the time, by id.
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

/** What the page of role settings calls a setting; the name itself where it knows none. */
export function settingLabel(name: string): string {
  return labels.get(name) ?? name;
}
