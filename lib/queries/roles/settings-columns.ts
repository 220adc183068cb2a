import { principalRecord } from "@/lib/domain/people/principal-identity";
import { notificationEventNames, notificationRecipientNames } from "@/lib/domain/roles/notification-settings";
import { ruleInWords, stageInWords } from "@/lib/domain/roles/role-setting-rows";
import type { ExportedSettings } from "@/lib/queries/roles/settings-export";

type Value = (row: ExportedSettings) => unknown;

/** The columns of an export of role settings. Durations and periods are in the unit that the name says. */
const values: Record<string, Value> = {
  roleName: (row) => row.roleName,
  roleType: (row) => row.roleType,
  roleDefinitionId: (row) => row.roleDefinitionId,
  place: (row) => row.place,
  resourceName: (row) => row.resourceName,
  resourceId: (row) => row.resourceId,
  scope: (row) => row.scope,
  edited: (row) => row.edited,
  updatedAt: (row) => (row.edited ? row.updatedAt : null),
  updatedByName: (row) => (row.edited ? row.updatedBy?.displayName : null),
  updatedByEmail: (row) => (row.edited ? row.updatedBy?.email : null),
  updatedById: (row) => (row.edited ? row.updatedBy?.id : null),
  activationMaximumHours: (row) => row.settings.activationMaximumMinutes / 60,
  activationRequiresMfa: (row) => row.settings.activationRequiresMfa,
  activationPhishingResistant: (row) => row.settings.activationPhishingResistant,
  activationRequiresJustification: (row) => row.settings.activationRequiresJustification,
  activationRequiresTicket: (row) => row.settings.activationRequiresTicket,
  approvalRequired: (row) => row.settings.approvalRequired,
  approvalStages: (row) => row.settings.approvalStages.length,
  approvers: stagesInWords,
  approverIds: (row) => row.approvers.map(({ id }) => id).join(" "),
  approvalRequiresMfa: (row) => row.settings.approvalRequiresStepUp,
  newCodeAfterApproval: (row) => row.settings.provisioningRequiresMfa,
  breakGlassMaximumHours: (row) => hours(row.settings.breakGlassMaximumMinutes),
  permanentEligibleAllowed: (row) => row.settings.eligibleMaximumDays === null,
  eligibleMaximumDays: (row) => row.settings.eligibleMaximumDays,
  permanentActiveAllowed: (row) => row.settings.activeMaximumDays === null,
  activeMaximumDays: (row) => row.settings.activeMaximumDays,
  assignmentRequiresMfa: (row) => row.settings.assignmentRequiresMfa,
  assignmentPhishingResistant: (row) => row.settings.assignmentPhishingResistant,
  assignmentRequiresJustification: (row) => row.settings.assignmentRequiresJustification,
  ...Object.fromEntries(
    notificationEventNames.flatMap((event) =>
      notificationRecipientNames.map((recipient): [string, Value] => [
        `Notification_${recipient}_${event}`,
        (row) => ruleInWords(row.settings.notifications[event][recipient]),
      ]),
    ),
  ),
};

const hours = (minutes: number | null) => (minutes === null ? null : minutes / 60);

/** Who approves, stage by stage, with the addresses of those who have one. */
function stagesInWords({ settings, approvers }: ExportedSettings): string {
  const names = new Map(approvers.map((each) => [each.id, principalRecord(each)]));
  const nameOf = (id: string) => names.get(id) ?? "Unknown principal";
  return settings.approvalStages
    .map((stage, index) => `Stage ${index + 1}: ${stageInWords(stage, nameOf)}`)
    .join("; ");
}

/** The columns of an export of role settings and how a row is written. JSON has the stages as they are stored. */
export const settingsFile = {
  columns: Object.keys(values),
  csv: (row: ExportedSettings): unknown[] => Object.values(values).map((value) => value(row)),
  json: (row: ExportedSettings): object => ({
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value(row) ?? null])),
    approvalStages: row.settings.approvalStages,
    notifications: row.settings.notifications,
  }),
};
