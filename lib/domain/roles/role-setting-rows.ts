import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import {
  type NotificationRule,
  notificationEventNames,
  notificationEvents,
  notificationRecipientNames,
  notificationRecipients,
} from "@/lib/domain/roles/notification-settings";
import { type RoleSettings, strictest } from "@/lib/domain/roles/role-settings";
import { periodInWords } from "@/lib/domain/time/period";

/** One line of **Role setting detail**: a setting in words. */
export interface SettingRow {
  readonly name: keyof RoleSettings;
  readonly label: string;
  readonly value: string;
}

/** The recipients of notifications of one event. */
export interface NotificationGroup {
  readonly event: string;
  readonly rows: readonly { readonly recipient: string; readonly value: string }[];
}

export interface SettingSection {
  readonly title: "Activation" | "Assignment" | "Notification";
  readonly rows: readonly SettingRow[];
}

const yes = (value: boolean) => (value ? "Yes" : "No");

/** Which factors are accepted, in words. */
function factorsInWords(phishingResistant: boolean, required: boolean): string {
  if (!phishingResistant) return "Any factor";
  return `Only phishing-resistant factors (passkey)${required ? "" : ", without effect"}`;
}

/** A stage of an approval in one sentence. */
export function stageInWords(stage: ApprovalStage, nameOf: (id: string) => string): string {
  const names = (ids: readonly string[]) => ids.map(nameOf).join(", ");
  const needed = stage.approvalsNeeded === 1 ? "one of" : `${stage.approvalsNeeded} of`;
  const escalation =
    stage.escalationApproverIds.length === 0 ? "" : `, then also ${names(stage.escalationApproverIds)}`;
  return `${needed} ${names(stage.approverIds)} within ${stage.timeoutHours} h${escalation}`;
}

/** Who is notified under a rule, in words. */
export function ruleInWords(rule: NotificationRule): string {
  const recipients = [rule.defaultRecipients ? "Default recipients" : "", ...rule.additionalAddresses].filter(
    Boolean,
  );
  if (recipients.length === 0) return "Nobody";
  return `${recipients.join(", ")}${rule.criticalOnly ? " (critical only)" : ""}`;
}

/** The Notification section in words: each event with its three recipients. */
export function notificationGroups({ notifications }: RoleSettings): readonly NotificationGroup[] {
  return notificationEventNames.map((event) => ({
    event: notificationEvents[event],
    rows: notificationRecipientNames.map((recipient) => ({
      recipient: notificationRecipients[recipient],
      value: ruleInWords(notifications[event][recipient]),
    })),
  }));
}

/** Role settings in words, with the sections and labels of docs/role-settings.md. `nameOf` names an approver. */
export function roleSettingSections(
  settings: RoleSettings,
  nameOf: (id: string) => string,
): readonly SettingSection[] {
  const row = (name: keyof RoleSettings, label: string, value: string): SettingRow => ({
    name,
    label,
    value,
  });
  const { eligibleMaximumDays, activeMaximumDays, approvalStages, breakGlassMaximumMinutes } = settings;
  const approval = settings.approvalRequired
    ? [
        ...approvalStages.map((stage, index) =>
          row(
            "approvalStages",
            approvalStages.length === 1 ? "Approvers" : `Approvers, stage ${index + 1}`,
            stageInWords(stage, nameOf),
          ),
        ),
        row(
          "approvalRequiresStepUp",
          "Require Multi-Factor Authentication on approval",
          yes(settings.approvalRequiresStepUp),
        ),
        row(
          "provisioningRequiresMfa",
          "Require a new verification code after approval",
          settings.provisioningRequiresMfa && !settings.activationRequiresMfa
            ? "Yes, without effect: no Multi-Factor Authentication on activation"
            : yes(settings.provisioningRequiresMfa),
        ),
        row("breakGlassMaximumMinutes", "Allow break-glass", yes(breakGlassMaximumMinutes !== null)),
        ...(breakGlassMaximumMinutes === null
          ? []
          : [
              row(
                "breakGlassMaximumMinutes",
                "Break-glass maximum duration (hours)",
                String(breakGlassMaximumMinutes / 60),
              ),
            ]),
      ]
    : [];
  return [
    {
      title: "Activation",
      rows: [
        row(
          "activationMaximumMinutes",
          "Activation maximum duration (hours)",
          String(settings.activationMaximumMinutes / 60),
        ),
        row(
          "activationRequiresMfa",
          "Require Multi-Factor Authentication on activation",
          yes(settings.activationRequiresMfa),
        ),
        row(
          "activationPhishingResistant",
          "Factors accepted on activation",
          factorsInWords(settings.activationPhishingResistant, settings.activationRequiresMfa),
        ),
        row(
          "activationRequiresJustification",
          "Require justification on activation",
          yes(settings.activationRequiresJustification),
        ),
        row(
          "activationRequiresTicket",
          "Require ticket information on activation",
          yes(settings.activationRequiresTicket),
        ),
        row("approvalRequired", "Require approval to activate", yes(settings.approvalRequired)),
        ...approval,
      ],
    },
    {
      title: "Assignment",
      rows: [
        row("eligibleMaximumDays", "Allow permanent eligible assignment", yes(eligibleMaximumDays === null)),
        row(
          "eligibleMaximumDays",
          "Expire eligible assignments after",
          eligibleMaximumDays === null ? "–" : periodInWords(eligibleMaximumDays),
        ),
        row("activeMaximumDays", "Allow permanent active assignment", yes(activeMaximumDays === null)),
        row(
          "activeMaximumDays",
          "Expire active assignments after",
          activeMaximumDays === null ? "–" : periodInWords(activeMaximumDays),
        ),
        row(
          "assignmentRequiresMfa",
          "Require Multi-Factor Authentication on direct assignment",
          yes(settings.assignmentRequiresMfa),
        ),
        row(
          "assignmentPhishingResistant",
          "Factors accepted on direct assignment",
          factorsInWords(settings.assignmentPhishingResistant, settings.assignmentRequiresMfa),
        ),
        row(
          "assignmentRequiresJustification",
          "Require justification on direct assignment",
          yes(settings.assignmentRequiresJustification),
        ),
      ],
    },
    {
      title: "Notification",
      rows: notificationGroups(settings).flatMap(({ event, rows }) =>
        rows.map(({ recipient, value }) =>
          row("notifications", `${event}: ${recipient.toLowerCase()}`, value),
        ),
      ),
    },
  ];
}

/** A setting for which levels above are stricter: the value here, the value that counts, and where it comes from. */
export interface StricterAbove<Level> {
  readonly label: string;
  /** Null if the setting has no line here, such as approvers if no approval is required. */
  readonly here: string | null;
  readonly counts: string;
  readonly from: readonly Level[];
}

/**
 * What counts at a level besides its own settings, in words: each setting of activation and assignment for which an
 * edited level above is stricter (docs/rules.md, rule 4). Empty if the level's own settings are the strictest.
 */
export function stricterAbove<Level extends { readonly settings: RoleSettings }>(
  own: RoleSettings,
  above: readonly Level[],
  nameOf: (id: string) => string,
): StricterAbove<Level>[] {
  const lines = (settings: RoleSettings) =>
    roleSettingSections(settings, nameOf).flatMap(({ title, rows }) =>
      title === "Notification" ? [] : rows,
    );
  const valueIn = (settings: RoleSettings, label: string) =>
    lines(settings).find((line) => line.label === label)?.value ?? null;
  return lines(strictest([own, ...above.map(({ settings }) => settings)])).flatMap(({ label, value }) => {
    const here = valueIn(own, label);
    if (here === value) return [];
    const from = above.filter(({ settings }) => valueIn(strictest([own, settings]), label) !== here);
    return [{ label, here, counts: value, from }];
  });
}

/** A setting that an edit changes, in words. Null if it has no line, such as approvers if no approval is required. */
export interface ChangedRow {
  readonly name: keyof RoleSettings;
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly weakens: boolean;
}

/** What an edit changes, line by line, in the order of the page. `weakened` are the settings that it weakens. */
export function changedRows(
  before: RoleSettings,
  after: RoleSettings,
  weakened: readonly (keyof RoleSettings)[],
  nameOf: (id: string) => string,
): ChangedRow[] {
  const rowsOf = (settings: RoleSettings) =>
    roleSettingSections(settings, nameOf).flatMap((section) => section.rows);
  const [old, fresh] = [rowsOf(before), rowsOf(after)];
  const labels = new Map([...old, ...fresh].map((row) => [row.label, row.name]));
  return [...labels].flatMap(([label, name]) => {
    const value = (rows: readonly SettingRow[]) => rows.find((row) => row.label === label)?.value ?? null;
    const [was, becomes] = [value(old), value(fresh)];
    if (was === becomes) return [];
    return [{ name, label, before: was, after: becomes, weakens: weakened.includes(name) }];
  });
}
