import { passwordCounts } from "@/lib/authority/break-glass-accounts";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether a user can still sign in without one passkey or one link to an identity provider: with their own password, if it
 * counts, another passkey or another link. The person must be locked. The rules are kept until the commit, so passwords are
 * not switched off meanwhile.
 */
export async function hasAnotherWayIn(
  transaction: Transaction,
  userId: string,
  without: { readonly passkeyId: string } | { readonly linkId: string },
): Promise<boolean> {
  await readSignInRules(transaction, "shared");
  const passkeyId = "passkeyId" in without ? without.passkeyId : null;
  const linkId = "linkId" in without ? without.linkId : null;
  const [other] = await transaction.$queryRaw<object[]>`
    SELECT FROM password_credentials c JOIN principals p ON p.id = c.user_id
    WHERE c.user_id = ${userId}::uuid AND NOT c.must_change AND ${passwordCounts}
    UNION ALL SELECT FROM passkeys
    WHERE user_id = ${userId}::uuid AND removed_at IS NULL AND id IS DISTINCT FROM ${passkeyId}::uuid
    UNION ALL SELECT FROM identity_links
    WHERE principal_id = ${userId}::uuid AND id IS DISTINCT FROM ${linkId}::uuid LIMIT 1`;
  return other !== undefined;
}
