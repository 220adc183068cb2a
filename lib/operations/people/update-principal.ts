import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { readPrincipalNames } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
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
  /** Ignored for what is not a user. */
  readonly email: string | null;
  readonly externalId: string | null;
}

/**
 * Changes a principal's name, a user's address, or the external id. People decide about somebody by the name; people
 * and other systems become this principal by the address and the external id. So it requires authority over all
 * privileges of the principal.
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
    const saved = await transaction.principal.update({
      where: { id: before.id },
      data: { ...after, version: { increment: 1 } },
      select: { version: true },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
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
 * What is kept of exactly this change of address, if the principal's directory asked for it and was refused. An
 * administrator makes it in its place. Null for any other change.
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
