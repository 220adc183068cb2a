import type { ApprovedRequest } from "@/components/requests/activate-approved";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import type { RequestRow } from "@/lib/queries/requests/requests";

/** The data of **Activate now** for the caller's own request. Null when it is not waiting for a code. */
export function toActivate(row: RequestRow): ApprovedRequest | null {
  if (row.status !== "PendingProvisioning" || row.expiresAt === null || row.durationMinutes === null)
    return null;
  const { id, roleName, resourceName, durationMinutes, justification, decisions } = row;
  return {
    ...{ id, roleName, resourceName, durationMinutes, justification, decisions },
    newEnd: extendsActivation(row) ? (row.endsAt?.toISOString() ?? null) : null,
    startsAt: row.startsAt?.toISOString() ?? null,
    expiresAt: row.expiresAt.toISOString(),
    now: row.now.toISOString(),
    resistantOnly: row.resistantOnly,
  };
}
