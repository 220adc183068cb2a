import type { OperationError, OperationResult } from "@/lib/domain/gate/operation-error";
import { alreadyAssigned } from "@/lib/domain/requests/activation-refusal";
import { textFault } from "@/lib/domain/text/names";
import { type AuditEntry, recordRefusal } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { isExclusionViolation, isNameTaken, takesNoChanges } from "@/lib/platform/database-errors";
import { faultText, log } from "@/lib/platform/log";
import { meter } from "@/lib/platform/meter";
import { traced } from "@/lib/platform/tracing";
import { inTransaction, longestTransaction } from "@/lib/platform/transaction";

/** Thrown within a transaction, it rolls everything back. It carries the error and the log entry. */
export class Refusal extends Error {
  constructor(
    readonly error: OperationError,
    readonly entry: Omit<AuditEntry, "outcome"> | null,
  ) {
    super(error.code);
  }
}

/** The same answer for something that does not exist and something that the caller may not know of. */
export const notFound: OperationError = {
  code: "NotFound",
  message: "This does not exist, or you have no access to it.",
};

const nameTaken: OperationError = {
  code: "Conflict",
  message:
    "Somebody else got this email address or external id at the same moment. Reload the page to see who.",
};

const noChanges: OperationError = {
  code: "TakesNoChanges",
  message:
    "The database does not accept changes now. It is full or read-only. Nothing was changed. Tell an administrator of Postern, and try again later.",
};

/** What a verb answers while the database cannot take changes. Logs it on the server too. Rethrows any other fault. */
export function noChangesNow(fault: unknown): { readonly ok: false; readonly error: OperationError } {
  if (!takesNoChanges(fault)) throw fault;
  log().error(`The database accepts no changes: ${faultText(fault)}`);
  return { ok: false, error: noChanges };
}

/** Refuses a reason or ticket with invisible characters, or with characters that change how it is read. */
export function refuseUnreadable(entry: Omit<AuditEntry, "outcome">): void {
  const texts = ["justification", "ticketNumber", "ticketSystem"] as const;
  const faults = texts.flatMap((field) => {
    const message = textFault(entry[field] ?? "");
    return message === null ? [] : [{ field, message }];
  });
  if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
}

/**
 * Runs one verb. Its work commits as a whole, or a `Refusal` rolls everything back and is logged as a
 * failed attempt. If two verbs race for the same access and only the database's exclusion constraint
 * stops the second, it gets `RoleAssignmentExists` (docs/rules.md, rule 6). If the database cannot take
 * changes, or has no room for the log entry of a refusal, that is the answer.
 */
export function runOperation<Success extends object>(
  database: Database,
  attempt: Omit<AuditEntry, "outcome">,
  work: (transaction: Transaction) => Promise<Success>,
  longest: number = longestTransaction,
): Promise<OperationResult<Success>> {
  return traced(`operation ${attempt.kind}`, "internal", async (span) => {
    const result = await attempted(database, attempt, work, longest);
    span?.set({ "postern.outcome": result.ok ? "done" : result.error.code });
    return result;
  });
}

async function attempted<Success extends object>(
  database: Database,
  attempt: Omit<AuditEntry, "outcome">,
  work: (transaction: Transaction) => Promise<Success>,
  longest: number,
): Promise<OperationResult<Success>> {
  try {
    refuseUnreadable(attempt);
    return { ok: true, ...(await inTransaction(database, work, longest)) };
  } catch (thrown) {
    const refusal = isExclusionViolation(thrown)
      ? new Refusal(alreadyAssigned, null)
      : isNameTaken(thrown)
        ? new Refusal(nameTaken, null)
        : thrown;
    if (!(refusal instanceof Refusal)) return noChangesNow(thrown);
    meter()?.operationRefused(refusal.error.code);
    try {
      await recordRefusal(database, refusedEntry(refusal, attempt));
    } catch (fault) {
      return noChangesNow(fault);
    }
    return { ok: false, error: refusal.error };
  }
}

/** The log entry of a refused attempt, with the rules that it failed. */
export function refusedEntry(
  { error, entry }: Refusal,
  attempt: Omit<AuditEntry, "outcome">,
): Omit<AuditEntry, "outcome"> {
  const failures = error.code === "RoleAssignmentRequestPolicyValidationFailed" ? error.failures : [];
  const event = entry ?? attempt;
  return {
    ...event,
    failedRules: [...new Set(failures.map((failure) => failure.rule))],
    details: { ...event.details, error: error.code },
  };
}
