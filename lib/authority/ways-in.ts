import { isBreakGlassAccount, mayUsePassword, passwordCounts } from "@/lib/authority/break-glass-accounts";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether a user can still sign in without one passkey or one link to an identity provider: with their
 * own password, if it counts, or with another passkey or link. A password that requires a second factor
 * does not count where apps are excluded. The caller has locked the person. The rules are locked until
 * the commit, so neither passwords nor apps can be excluded meanwhile.
 */
export async function hasAnotherWayIn(
  transaction: Transaction,
  userId: string,
  without: { readonly passkeyId: string } | { readonly linkId: string },
): Promise<boolean> {
  const { signInTakesTwo, authenticatorAppsConfirm } = await readSignInRules(transaction, "shared");
  const passwordAlone = !signInTakesTwo || authenticatorAppsConfirm;
  const passkeyId = "passkeyId" in without ? without.passkeyId : null;
  const linkId = "linkId" in without ? without.linkId : null;
  const [other] = await transaction.$queryRaw<object[]>`
    SELECT FROM password_credentials c JOIN principals p ON p.id = c.user_id
    WHERE c.user_id = ${userId}::uuid AND NOT c.must_change AND ${passwordCounts} AND ${passwordAlone}
    UNION ALL SELECT FROM passkeys
    WHERE user_id = ${userId}::uuid AND removed_at IS NULL AND id IS DISTINCT FROM ${passkeyId}::uuid
    UNION ALL SELECT FROM identity_links
    WHERE principal_id = ${userId}::uuid AND id IS DISTINCT FROM ${linkId}::uuid LIMIT 1`;
  return other !== undefined;
}

export const lastOfBreakGlass =
  "This is the last second factor of a break-glass account. Add another one first, or have the account taken off the list.";

/**
 * Whether a factor of a break-glass account is its last one that counts. The caller has locked the person. The rules
 * are locked until the commit, so an edit that excludes apps waits and then sees what is left.
 */
export async function isLastOfBreakGlass(
  transaction: Transaction,
  userId: string,
  factor: { readonly passkeyId: string } | { readonly kind: "App" },
): Promise<boolean> {
  await readSignInRules(transaction, "shared");
  if (!(await isBreakGlassAccount(transaction, userId))) return false;
  const passkeyId = "passkeyId" in factor ? factor.passkeyId : null;
  const [row] = await transaction.$queryRaw<{ last: boolean }[]>`
    SELECT bool_and(CASE WHEN ${passkeyId}::uuid IS NULL THEN f.kind = 'App' ELSE f.id = ${passkeyId}::uuid END) AS last
    FROM factors_in_force f
    WHERE f.user_id = ${userId}::uuid AND (f.counts_from IS NULL OR f.counts_from <= postern_now())`;
  return row?.last ?? false;
}

/**
 * Whether a user can sign in without any passkey: their password counts or may be issued, they have a
 * link to an identity provider, or an administrator issued them a pass for one that is still good. The
 * rules are locked until the commit.
 */
export async function hasWayInWithoutPasskey(transaction: Transaction, userId: string): Promise<boolean> {
  await readSignInRules(transaction, "shared");
  if (await mayUsePassword(transaction, userId)) return true;
  const [way] = await transaction.$queryRaw<object[]>`
    SELECT FROM identity_links WHERE principal_id = ${userId}::uuid
    UNION ALL SELECT FROM identity_link_passes
    WHERE principal_id = ${userId}::uuid AND session_id IS NULL AND expires_at > postern_now() LIMIT 1`;
  return way !== undefined;
}
