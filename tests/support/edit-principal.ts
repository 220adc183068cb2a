import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { readPrincipalNames } from "@/lib/domain/people/principal";
import {
  changeIdentifiersOperation,
  type UpdatePrincipalInput,
  updatePrincipal,
} from "@/lib/operations/people/update-principal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** An edit of a principal by its form, based on what is stored now, with a proof if it requires one. */
export async function editPrincipal(
  by: {
    readonly database: Database;
    readonly owner: Caller;
    readonly prove: (operation: ProtectedOperation, caller: Caller) => Promise<string>;
  },
  principalId: string,
  change: Partial<UpdatePrincipalInput>,
  caller: Caller = by.owner,
) {
  const { type, version, displayName, email, externalId } =
    await by.database.client.principal.findUniqueOrThrow({
      where: { id: principalId },
    });
  const input = { principalId, expectedVersion: version, displayName, email, externalId, ...change };
  const read = readPrincipalNames(input);
  const known = (names: { displayName: string; email: string | null; externalId: string | null }) => ({
    ...{ email: names.email, externalId: names.externalId },
    groupName: type === "Group" ? names.displayName : null,
  });
  const from = known({ displayName, email, externalId });
  const operation = read.ok ? changeIdentifiersOperation(principalId, from, known(read.names)) : null;
  const proofId = operation && (await by.prove(operation, caller));
  return updatePrincipal(by.database, caller, { proofId, ...input });
}
