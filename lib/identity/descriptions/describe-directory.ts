import { may, rootResource } from "@/lib/authority/authority";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { principalText } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { changedLately } from "@/lib/identity/descriptions/members-in-words";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";

type OfDirectory = Extract<
  ProtectedOperation,
  { kind: "CreateDirectory" | "ReplaceDirectoryToken" | "HandOverPrincipal" }
>;

/** Describes a change of directories that a code would confirm. Null for callers who may not manage them. */
export async function describeDirectory(
  transaction: Transaction,
  caller: Caller,
  operation: OfDirectory,
): Promise<OperationDescription | null> {
  const root = await rootResource(transaction);
  for (const right of [action.writePrincipals, action.writeRoleSettings])
    if (!(await may(transaction, caller.userId, right, root.id))) return null;
  if (operation.kind === "CreateDirectory")
    return {
      title: `Create the directory ${isolated(operation.name)}`,
      details: [{ label: "Token valid for", value: `${operation.days} days` }],
    };
  const directory =
    operation.directoryId === null
      ? null
      : await transaction.directory.findFirst({
          where: { id: operation.directoryId, endedAt: null },
          select: { name: true },
        });
  if (operation.directoryId !== null && directory === null) return null;
  if (operation.kind === "ReplaceDirectoryToken")
    return {
      title: `Replace the token of the directory ${isolated(directory?.name ?? "")}`,
      details: [{ label: "Token valid for", value: `${operation.days} days` }],
    };
  const [principal] = await identitiesOf(transaction, [operation.principalId]);
  if (!principal) return null;
  return {
    title: directory
      ? `Let the directory ${isolated(directory.name)} take over ${principalText(principal)}`
      : `Take ${principalText(principal)} out of its directory`,
    details: changedLately([principal]),
  };
}
