import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { Identifiers, ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { type PrincipalNames, readPrincipalNames } from "@/lib/domain/people/principal";
import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { openPrincipal, type PrincipalFacts, refuseOwned } from "@/lib/operations/people/manage-principals";
import { refuseTakenNames } from "@/lib/operations/people/refuse-taken-names";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface UpdatePrincipalInput {
  readonly principalId: string;
  /** The version that the administrator was shown. */
  readonly expectedVersion: number;
  readonly displayName: string;
  /** Ignored unless the principal is a user. */
  readonly email: string | null;
  readonly externalId: string | null;
  readonly proofId: string | null;
}

/**
 * The operation to which a proof for another address, external id or group name is bound. Null if none
 * of them changes. A change of letter case only does not count.
 */
export function changeIdentifiersOperation(
  principalId: string,
  from: Identifiers,
  to: Identifiers,
): ProtectedOperation | null {
  const sameName = sameNameKey(from.groupName ?? "") === sameNameKey(to.groupName ?? "");
  if (from.email === to.email && from.externalId === to.externalId && sameName) return null;
  return { kind: "ChangeIdentifiers", principalId, from, to };
}

/**
 * Changes a principal's name, a user's address, or the external id. People decide about somebody by the name. Others
 * act for this principal by the address and the external id. So it requires authority over all privileges of the
 * principal. An address or external id requires a step-up too, since notices and sign-ins go there, and files and
 * directories identify the principal by it. So does a group's name, by which lists of members identify it.
 */
export function updatePrincipal(
  database: Database,
  caller: Caller,
  input: UpdatePrincipalInput,
): Promise<OperationResult<{ version: number }>> {
  const attempt = { kind: "PrincipalUpdated" as const, caller, details: { principalId: input.principalId } };
  return runOperation(database, attempt, async (transaction) => {
    const opened = await openPrincipal(transaction, caller, attempt, input.principalId);
    const { principal: before, entry } = opened;
    if (before.version !== input.expectedVersion) {
      throw new Refusal(
        {
          code: "StaleEdit",
          message: `Somebody else changed ${isolated(before.displayName)} while you were editing. Reload the page to edit the newer version.`,
        },
        entry,
      );
    }
    if (before.type === "User" && input.email === null) {
      throw new Refusal(
        { code: "InvalidInput", faults: [{ field: "email", message: "Enter an email address." }] },
        entry,
      );
    }
    await requireAuthorityOver(
      transaction,
      caller,
      await privilegesUntilCommit(transaction, [before.id]),
      entry,
    );
    const { displayName, externalId } = input;
    const read = readPrincipalNames({
      displayName,
      externalId,
      email: before.type === "User" ? input.email : null,
    });
    if (!read.ok) throw new Refusal({ code: "InvalidInput", faults: read.faults }, entry);
    const after = { ...read.names, email: before.type === "User" ? read.names.email : before.email };
    const asked = askedByDirectory(before, after);
    const confirms = asked !== null && (await transaction.directoryDrift.count({ where: asked })) > 0;
    if (!confirms) refuseOwned(before, entry);
    await refuseTakenNames(transaction, { ...before, ...after }, before, entry);
    const identifiers = ({ displayName: name, email, externalId: id }: PrincipalNames) => ({
      ...{ email, externalId: id, groupName: before.type === "Group" ? name : null },
    });
    const operation = changeIdentifiersOperation(before.id, identifiers(before), identifiers(after));
    const proof = operation && (await requireStepUp(transaction, caller, input.proofId, operation, entry));
    const saved = await transaction.principal.update({
      where: { id: before.id },
      data: { ...after, version: { increment: 1 } },
      select: { version: true },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      target: { id: before.id, displayName: after.displayName },
      details: {
        before: {
          displayName: before.displayName,
          email: before.email,
          externalId: before.externalId,
        },
        after,
      },
    });
    if (asked !== null && confirms) await transaction.directoryDrift.deleteMany({ where: asked });
    return saved;
  });
}

/**
 * The stored request for exactly this change of address, if the principal's directory sent it and it
 * was refused. An administrator makes the change instead. Null for any other change.
 */
function askedByDirectory(
  before: PrincipalFacts,
  after: { readonly displayName: string; readonly email: string | null; readonly externalId: string | null },
) {
  const { id, directoryId } = before;
  if (directoryId === null || after.email === null) return null;
  if (before.displayName !== after.displayName || before.externalId !== after.externalId) return null;
  return { directoryId, kind: "Address", principalId: id, subject: `${id} ${after.email}` };
}
