import type { AuditKind } from "@/lib/domain/audit/audit-kinds";
import { recordRefusal } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** The fields of every event about somebody's own factors. */
export function entryOf(caller: Caller, kind: AuditKind) {
  return { kind, caller, target: { id: caller.userId, displayName: caller.displayName } };
}

/** Without a good proof it may be another person at an unlocked screen, so it is logged. */
export function recordUnproved(database: Database, caller: Caller, kind: AuditKind): Promise<void> {
  return recordRefusal(database, { ...entryOf(caller, kind), failedRules: ["MfaRule"] });
}
