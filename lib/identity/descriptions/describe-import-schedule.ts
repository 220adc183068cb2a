import { may, rootResource } from "@/lib/authority/authority";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { importPlanInWords } from "@/lib/domain/imports/import-schedule";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

type SavedImport = Extract<ProtectedOperation, { readonly kind: "SaveImportSchedule" }>;

/** Everything that a scheduled import reads and does by itself, since one code confirms all of it. */
export async function describeImportSchedule(
  transaction: Transaction,
  caller: Caller,
  { scheduleId, plan }: SavedImport,
): Promise<OperationDescription | null> {
  const root = await rootResource(transaction);
  if (!(await may(transaction, caller.userId, action.writePrincipals, root.id))) return null;
  const found =
    scheduleId === null
      ? null
      : await transaction.importSchedule.findUnique({ where: { id: scheduleId }, select: { name: true } });
  if (scheduleId !== null && !found) return null;
  const title = found
    ? `Change the scheduled import ${isolated(found.name)}, which then runs for you`
    : "Schedule an import, which runs for you";
  const details = Object.entries(importPlanInWords(plan)).map(([label, value]) => ({
    ...{ label, value: isolated(value) },
  }));
  return { title, details };
}
