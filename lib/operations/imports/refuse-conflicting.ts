import { type ExceptionWanted, mostExceptionsToAsk } from "@/lib/domain/roles/conflict-exception";
import { conflictMessage, type RoleConflict } from "@/lib/domain/roles/conflict-rule";
import { conflictsInOrder } from "@/lib/operations/gate/refuse-conflicts";
import { bad, type ImportContext, type ImportVerdict } from "@/lib/operations/imports/importer";
import type { GivenAccess, Joining } from "@/lib/platform/role-conflicts";

/** What a row would add, and the place of its verdict. */
export type Adding =
  | { readonly index: number; readonly given: GivenAccess }
  | { readonly index: number; readonly joining: Joining };

/**
 * Refuses the rows that would give somebody conflicting roles, as if each were added by hand after the rows before it.
 * Returns the numbers of those rows.
 */
export async function refuseConflicting(
  { transaction, write }: Pick<ImportContext, "transaction" | "write">,
  adding: readonly Adding[],
  verdicts: ImportVerdict[],
): Promise<ReadonlySet<number>> {
  const refused = new Set<number>();
  for (const [place, conflicts] of await conflictsInOrder(transaction, adding, { locks: write })) {
    const add = adding[place];
    const verdict = add && verdicts[add.index];
    if (!add || !verdict) continue;
    const who = "given" in add ? add.given.principalId : add.joining.memberId;
    const message = conflictMessage(conflicts, { caller: null, personal: [who] });
    verdicts[add.index] = {
      ...bad(verdict.number, message, verdict.about),
      conflicts: exceptionsFrom(conflicts, who),
    };
    refused.add(verdict.number);
  }
  return refused;
}

/** The rules that refused a row, and for whom exceptions would be: the person of the row, if it is about a person. */
function exceptionsFrom(conflicts: readonly RoleConflict[], who: string): ExceptionWanted[] {
  const named = new Map(conflicts.map(({ ruleId, personId }) => [ruleId, personId === who ? who : null]));
  return [...named].slice(0, mostExceptionsToAsk).map(([ruleId, principalId]) => ({ ruleId, principalId }));
}
