import type { AuditKind } from "@/lib/domain/audit/audit-kinds";
import { type Schedule, sameSchedule } from "@/lib/domain/time/schedule";
import type { LockedAccess } from "@/lib/operations/gate/load-access";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** The events that changed the times of an eligibility or assignment. */
const changes: readonly AuditKind[] = [
  "EligibleAssignmentUpdated",
  "ActiveAssignmentUpdated",
  "EligibleAssignmentExtended",
  "ActiveAssignmentExtended",
  "ActivationExtended",
];

/**
 * Refuses a change based on times that an eligibility or assignment no longer has, and names the
 * present times and who set them. So no administrator undoes another's change unknowingly. Called with
 * the row locked, before a proof is spent.
 */
export async function refuseStale(
  transaction: Transaction,
  caller: Caller,
  access: LockedAccess,
  shown: Schedule,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const current = { startsAt: access.startsAt, endsAt: access.endsAt };
  if (sameSchedule(shown, current)) return;
  const about = access.assignmentType === null ? { eligibilityId: access.id } : { assignmentId: access.id };
  const last = await transaction.auditEvent.findFirst({
    where: { ...about, outcome: "Success", kind: { in: [...changes] } },
    orderBy: { sequence: "desc" },
    select: { actorId: true, actorName: true },
  });
  const who = last?.actorId === caller.userId ? "You" : (last?.actorName ?? "Somebody");
  const message = `${who} changed this assignment after you opened it.`;
  throw new Refusal({ code: "StaleAssignment", message, shown, current }, entry);
}
