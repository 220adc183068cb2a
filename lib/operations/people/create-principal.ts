import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { type PrincipalType, readPrincipalNames } from "@/lib/domain/people/principal";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { issueSignInIn, type NewSignIn } from "@/lib/operations/people/issue-sign-in";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { refuseTakenNames } from "@/lib/operations/people/refuse-taken-names";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface CreatePrincipalInput {
  readonly type: PrincipalType;
  readonly displayName: string;
  /** A user's address, with which they sign in. Null for a group or service principal. */
  readonly email: string | null;
  readonly externalId: string | null;
  /** How a new user first signs in; null if they cannot yet. */
  readonly signIn: NewSignIn | null;
}

/** Creates a user, a group or a service principal without any access, and a user's first sign-in if one is given. */
export function createPrincipal(
  database: Database,
  caller: Caller,
  input: CreatePrincipalInput,
): Promise<OperationResult<{ principalId: string }>> {
  const { type } = input;
  const asked = { displayName: input.displayName, email: input.email, externalId: input.externalId };
  const attempt = {
    kind: "PrincipalCreated" as const,
    caller,
    details: { type, ...asked },
  };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const read = readPrincipalNames(asked);
    if (!read.ok) throw new Refusal({ code: "InvalidInput", faults: read.faults }, attempt);
    await refuseTakenNames(transaction, { id: null, type, ...read.names }, null, attempt);
    const principal = await transaction.principal.create({
      data: { type, ...read.names },
      select: { id: true, displayName: true },
    });
    await recordAuditEvent(transaction, { ...attempt, outcome: "Success", target: principal });
    if (type === "User" && input.signIn) {
      await issueSignInIn(transaction, caller, principal, input.signIn, null);
    }
    return { principalId: principal.id };
  });
}
