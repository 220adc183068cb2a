import { keptProof } from "@/lib/authority/kept-proof";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { hasOwnFactor } from "@/lib/platform/sql/factors-in-force";

/**
 * Whether a person can prove themselves with a second factor: an authenticator app, if apps are accepted, or a
 * passkey. If so, a new factor requires a proof of one in force. Otherwise it requires the password.
 */
export async function hasFactorInForce(transaction: Transaction, caller: Caller): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ found: boolean }[]>`
    SELECT ${hasOwnFactor(Prisma.sql`${caller.userId}::uuid`)} AS found`;
  return row?.found ?? false;
}

/**
 * Whether a factor whose enrolment began with this proof may be confirmed. The rules must still accept
 * how it was proved, and the factor that proved it must be in force, as `spend_step_up_proof` requires
 * of a proof that is spent. The person is locked, so both hold until the commit. True without a proof.
 */
export async function provedAsAccepted(
  transaction: Transaction,
  askedBy: { readonly id: string; readonly method: StepUpMethod } | null,
): Promise<boolean> {
  const rules = await readSignInRules(transaction, "shared");
  if (askedBy === null) return true;
  // Removing an abused factor ends what was begun with it.
  const { stands } = await keptProof(transaction, askedBy.id);
  if (!stands) return false;
  if (askedBy.method === "Totp") return rules.authenticatorAppsConfirm;
  if (askedBy.method === "RecoveryCode") return rules.authenticatorAppsConfirm && rules.recoveryCodesConfirm;
  return true;
}
