import type { ResourceFacts } from "@/lib/authority/authority";
import {
  type ExportContents,
  type ExportFrequency,
  type ExportPlan,
  exportContentNames,
  exportContents,
  exportFrequencies,
  exportPlanFaults,
  listOfContents,
  timingInWords,
} from "@/lib/domain/notifications/export-schedule";
import { principalRecord } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

type Entry = Omit<AuditEntry, "outcome">;

/** A schedule as it is stored. */
export interface StoredSchedule extends ExportPlan {
  readonly id: string;
  readonly timeZone: string;
  readonly version: number;
  readonly administrator: {
    readonly id: string;
    readonly displayName: string;
    readonly disabledAt: Date | null;
  };
  readonly resource: ResourceFacts;
  readonly pausedAt: Date | null;
  readonly nextAt: Date;
  readonly askedAt: Date | null;
}

/** Reads a schedule and, for a change, locks it. */
export async function loadSchedule(
  transaction: Transaction,
  scheduleId: string,
  lock: boolean,
): Promise<StoredSchedule | null> {
  if (lock)
    await transaction.$queryRaw`SELECT FROM export_schedules WHERE id = ${scheduleId}::uuid FOR UPDATE`;
  const found = await transaction.exportSchedule.findUnique({
    where: { id: scheduleId },
    include: {
      resource: true,
      administrator: { select: { id: true, displayName: true, disabledAt: true } },
      recipients: { select: { principalId: true } },
    },
  });
  if (!found) return null;
  const { contents, frequency, recipients, ...rest } = found;
  return {
    ...rest,
    contents: contentsOf(contents),
    frequency: frequencyOf(frequency),
    recipientIds: recipients.map(({ principalId }) => principalId).sort(),
  };
}

function contentsOf(text: string): ExportContents {
  return exportContentNames.find((each) => each === text) ?? "Assignments";
}

function frequencyOf(text: string): ExportFrequency {
  return exportFrequencies.find((each) => each === text) ?? "Daily";
}

/**
 * Opens and locks a schedule for a change. Refuses an unknown one, callers who may not edit role
 * settings at its resource, and a change that is based on an older version.
 */
export async function openSchedule(
  transaction: Transaction,
  caller: Caller,
  { scheduleId, expectedVersion }: { readonly scheduleId: string; readonly expectedVersion: number },
  attempt: Entry,
) {
  const found = await loadSchedule(transaction, scheduleId, false);
  if (!found) throw new Refusal(notFound, attempt);
  const { resource } = found;
  const entry = {
    ...attempt,
    resource,
    details: { ...attempt.details, list: listOfContents(found.contents), scheduleId: found.id },
  };
  await requirePermission(transaction, caller, action.writeRoleSettings, resource, entry);
  const schedule = await loadSchedule(transaction, scheduleId, true);
  if (schedule?.version !== expectedVersion) {
    const message = "Somebody else changed this scheduled export after you opened it. Reload the page.";
    throw new Refusal({ code: "StaleEdit", message }, entry);
  }
  return { schedule, entry };
}

/**
 * Refuses an invalid plan. Refuses recipients who are unknown, disabled or not people, unless they were
 * recipients before.
 */
export async function refusePlanFaults(
  transaction: Transaction,
  plan: ExportPlan,
  kept: readonly string[],
  entry: Entry,
): Promise<void> {
  const faults = exportPlanFaults(plan);
  const added = plan.recipientIds.filter((id) => !kept.includes(id));
  const known = await transaction.principal.count({
    where: { id: { in: added }, disabledAt: null, type: "User" },
  });
  if (known !== added.length) {
    const message = "One of the recipients does not exist, is disabled, or is not a person. Choose again.";
    faults.push({ field: "recipientIds", message });
  }
  if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
}

/** A plan as the log stores it. */
export async function planForLog(transaction: Transaction, plan: ExportPlan, timeZone: string) {
  const recipients = await transaction.principal.findMany({
    where: { id: { in: [...plan.recipientIds] } },
    select: { id: true, displayName: true, email: true },
    orderBy: { id: "asc" },
    take: plan.recipientIds.length,
  });
  return {
    Export: exportContents[plan.contents],
    Where: plan.includeBelow ? "With everything below" : "This resource",
    Sent: `${timingInWords(plan)} (${timeZone})`,
    Recipients: recipients.map(principalRecord).join(", "),
  };
}
