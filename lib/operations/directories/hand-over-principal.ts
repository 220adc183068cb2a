import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { privilegeNames } from "@/lib/domain/gate/privileges";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { isolated } from "@/lib/domain/text/visible-text";
import { requireDirectoryManager } from "@/lib/operations/directories/manage-directories";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseBreakGlassLoss } from "@/lib/operations/gate/refuse-break-glass";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { lockPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

export interface HandOverPrincipalInput {
  readonly principalId: string;
  /** Null takes the person or group out of its directory. */
  readonly directoryId: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function handOverPrincipalOperation(
  input: Pick<HandOverPrincipalInput, "principalId" | "directoryId">,
): ProtectedOperation {
  return { kind: "HandOverPrincipal", principalId: input.principalId, directoryId: input.directoryId };
}

/**
 * Moves a person or group into a directory, which then decides their names, whether they are enabled, and who is in
 * the group, or takes them out of it. It requires authority over everything that they have, and always a step-up.
 */
export function handOverPrincipal(
  database: Database,
  caller: Caller,
  input: HandOverPrincipalInput,
): Promise<OperationResult<{ principalId: string }>> {
  const { principalId, directoryId } = input;
  const attempt = {
    kind: "PrincipalHandedOver" as const,
    caller,
    details: { principalId, directoryId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const managed = await requireDirectoryManager(transaction, caller, attempt);
    const principal = await lockPrincipal(transaction, principalId, managed);
    const directory =
      directoryId === null
        ? null
        : await transaction.directory.findFirst({
            where: { id: directoryId, endedAt: null },
            select: { id: true, name: true },
          });
    if (directoryId !== null && directory === null) throw new Refusal(notFound, managed);
    if (principal.type === "ServicePrincipal") throw new Refusal(notFound, managed);
    const details = { directoryId, directoryName: directory?.name ?? principal.directoryName };
    const entry = { ...managed, target: principal, details };
    if (principal.directoryId === directoryId) {
      const name = isolated(principal.displayName);
      const message = directory
        ? `${name} already belongs to ${isolated(directory.name)}.`
        : `${name} belongs to no directory.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    if (principal.id === caller.userId && directory !== null) {
      const message = "Another administrator has to give you to a directory.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    if (directory !== null) await refuseBreakGlassLoss(transaction, principal, "owned", entry);
    const access = await privilegesUntilCommit(transaction, [principal.id]);
    await requireAuthorityOver(transaction, caller, access, entry);
    const operation = handOverPrincipalOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    await transaction.principal.update({
      where: { id: principal.id },
      data: { directoryId, directoryNames: Prisma.DbNull, version: { increment: 1 } },
    });
    await transaction.directoryDrift.deleteMany({ where: { principalId: principal.id } });
    const change = {
      before: { directory: principal.directoryName },
      after: { directory: directory?.name ?? null },
    };
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: { ...details, ...change, has: privilegeNames(access) },
    });
    return { principalId };
  });
}
