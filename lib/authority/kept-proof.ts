import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type Alias, rowOf } from "@/lib/platform/sql/alias";

/**
 * Whether what made a proof is in force still, as `spend_step_up_proof` asks of one that is not spent yet: its app or
 * passkey was not removed or replaced, its link to a provider stands, and its recovery codes were not replaced.
 * Whatever waits on a proof that was spent asks here again: somebody who abused a factor must not gain by it after its
 * owner has ended it.
 */
export function factorStands(proof: Alias): Prisma.Sql {
  const x = rowOf(proof);
  return Prisma.sql`(
    NOT EXISTS (SELECT FROM totp_factors app WHERE app.id = ${x}.factor_id AND app.removed_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM passkeys pass WHERE pass.id = ${x}.passkey_id AND pass.removed_at IS NOT NULL)
    AND (${x}.method NOT IN ('IdentityProvider', 'PhishingResistantProvider') OR ${x}.identity_link_id IS NOT NULL)
    AND (${x}.method <> 'RecoveryCode' OR NOT EXISTS (SELECT FROM recovery_codes code
      WHERE code.user_id = ${x}.user_id AND code.created_at > ${x}.created_at)))`;
}

/** How a proof was made, and whether what made it is in force still. */
export interface KeptProof {
  readonly method: StepUpMethod;
  readonly stands: boolean;
}

/** A proof that something waits on. */
export async function keptProof(transaction: Transaction, proofId: string): Promise<KeptProof> {
  const [row] = await transaction.$queryRaw<KeptProof[]>`
    SELECT x.method::text, ${factorStands("x")} AS stands FROM step_up_proofs x WHERE x.id = ${proofId}::uuid`;
  if (!row) throw new Error("a proof that something waits on is gone");
  return row;
}
