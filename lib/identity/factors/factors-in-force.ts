import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { hasOwnFactor } from "@/lib/platform/sql/factors-in-force";

/**
 * Whether a person can prove themselves with a second factor: an authenticator app, if those are accepted, or
 * a passkey. Then a new factor takes
 * a proof of one in force; without any it takes the password.
 */
export async function hasFactorInForce(transaction: Transaction, caller: Caller): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ found: boolean }[]>`
    SELECT ${hasOwnFactor(Prisma.sql`${caller.userId}::uuid`)} AS found`;
  return row?.found ?? false;
}

/**
 * Whether a factor that was begun with this proof may be confirmed: the rules still accept how it was proved, and the factor
 * that proved it is in force, as the database asks of a proof that is spent (`spend_step_up_proof`). The person is locked, so
 * both stay so until the commit. True without a proof.
 */
export async function provedAsAccepted(
  transaction: Transaction,
  askedBy: { readonly id: string; readonly method: StepUpMethod } | null,
): Promise<boolean> {
  const rules = await readSignInRules(transaction, "shared");
  if (askedBy === null) return true;
  // Whoever removes a factor that was abused ends what was begun with it.
  const lasting = await transaction.stepUpProof.findFirst({
    where: {
      id: askedBy.id,
      AND: [
        { OR: [{ factorId: null }, { factor: { removedAt: null } }] },
        { OR: [{ passkeyId: null }, { passkey: { removedAt: null } }] },
        // A link that is removed leaves none behind.
        {
          OR: [
            { identityLinkId: { not: null } },
            { method: { notIn: ["IdentityProvider", "PhishingResistantProvider"] } },
          ],
        },
      ],
    },
    select: { id: true },
  });
  if (!lasting) return false;
  if (askedBy.method === "Totp") return rules.authenticatorAppsConfirm;
  if (askedBy.method === "RecoveryCode") return rules.authenticatorAppsConfirm && rules.recoveryCodesConfirm;
  return true;
}
