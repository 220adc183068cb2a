import { networkOf } from "@/lib/domain/people/network-of";
import { gatherMinutes, strangersGatherMinutes } from "@/lib/domain/people/throttle";
import { gathered } from "@/lib/identity/attempts/throttle";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** Why a file was refused before it was read. */
export type UploadRefusal =
  | "NotAllowed"
  | "UnknownKind"
  | "TooLarge"
  | "NotText"
  | "NotWhole"
  | "Busy"
  | "SessionEnded"
  | "NoSession";

/**
 * Logs that a file was refused. For somebody who is signed in, each reason is logged at once, and
 * repetitions are gathered into one event per `gatherMinutes`. Without a session, a whole network has
 * one event per `strangersGatherMinutes`. So nobody can fill the log by sending files.
 */
export async function recordRefusedUpload(
  database: Database,
  who: { readonly caller: Caller } | { readonly origin: Origin },
  reason: UploadRefusal,
  file: { readonly import?: string; readonly fileName?: string } = {},
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const [what, minutes] =
      "caller" in who
        ? [`uploads:${who.caller.userId}:${reason}`, gatherMinutes]
        : [`uploads:${networkOf(who.origin.ipAddress)}`, strangersGatherMinutes];
    const attempts = await gathered(transaction, what, minutes);
    if (attempts === null) return;
    await recordAuditEvent(transaction, {
      kind: "ImportStaged",
      outcome: "Failure",
      caller: "caller" in who ? who.caller : who.origin,
      details: { ...file, error: reason, ...(attempts > 1 ? { attempts } : {}) },
    });
  });
}
