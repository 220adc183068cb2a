import { type DirectoryNames, directoryNamesShape } from "@/lib/domain/directories/scim-user";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Entry } from "@/lib/operations/directories/directory-operation";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { lockPrincipal, type PrincipalFacts } from "@/lib/operations/people/manage-principals";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/**
 * A user or group of the directory, locked until the transaction ends. Gives the same refusal for one that does not
 * exist and for one that belongs elsewhere. Refuses a version that is not the expected one.
 */
export async function lockOwned(
  transaction: Transaction,
  directory: DirectoryCaller,
  type: PrincipalType,
  input: { readonly id: string; readonly expectedVersion: number | null },
  entry: Entry,
): Promise<PrincipalFacts & { readonly directoryNames: DirectoryNames }> {
  const principal = await lockPrincipal(transaction, input.id, entry);
  if (principal.type !== type || principal.directoryId !== directory.directoryId)
    throw new Refusal(notFound, entry);
  if (input.expectedVersion !== null && input.expectedVersion !== principal.version) {
    const message = `${isolated(principal.displayName)} was changed in the meantime. Read it again.`;
    throw new Refusal({ code: "StaleEdit", message }, { ...entry, target: principal });
  }
  const { directoryNames: stored } = await transaction.principal.findUniqueOrThrow({
    where: { id: principal.id },
    select: { directoryNames: true },
  });
  const names = directoryNamesShape.parse(stored);
  // Somebody who was taken over has the name that is displayed here.
  return {
    ...principal,
    directoryNames: Object.keys(names).length === 0 ? { displayName: principal.displayName } : names,
  };
}
