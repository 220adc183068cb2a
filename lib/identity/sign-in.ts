import { createHmac } from "node:crypto";
import { passwordFits } from "@/lib/identity/password";
import { tradeOneTimePassword } from "@/lib/identity/password-ticket";
import { createSession, type Origin, type SessionToken } from "@/lib/identity/sessions";
import { countAttempt, forgetAttempts, forgetOldAttempts } from "@/lib/identity/throttle";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

export type SignInResult =
  | { readonly ok: true; readonly token: SessionToken }
  | { readonly ok: false; readonly reason: "Refused"; readonly message: string }
  /** The password was an administrator's one-time one: it is good for choosing one's own, with this token. */
  | { readonly ok: false; readonly reason: "ChoosePassword"; readonly ticket: string };

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** One text for every refusal, so that nobody learns whether an account exists. */
const refused: SignInResult = {
  ok: false,
  reason: "Refused",
  message:
    "The email or password is not right, or there were too many attempts. Wait a moment and try again.",
};

/**
 * Signs a person in with email and password. Whatever is wrong (account, password, too many attempts), the answer and
 * the work are the same. Failures are counted in the database per account and per address before the password is
 * looked at, so that simultaneous guesses cannot slip past the count.
 */
export async function signIn(
  database: Database,
  secret: string,
  { email, password }: Credentials,
  origin: Origin,
): Promise<SignInResult> {
  const account = createHmac("sha256", secret).update(email.trim().toLowerCase()).digest("base64url");
  const keys = [
    { key: `account:${account}`, kind: "account" },
    { key: `address:${origin.ipAddress}`, kind: "address" },
  ] as const;
  const counted = await inTransaction(database, async (transaction) => {
    let blocked = false;
    for (const { key, kind } of keys) blocked = (await countAttempt(transaction, key, kind)) || blocked;
    const user = await transaction.$queryRaw<
      { id: string; displayName: string; hash: string | null; mustChange: boolean | null }[]
    >`
      SELECT p.id, p.display_name AS "displayName", c.hash, c.must_change AS "mustChange"
      FROM principals p LEFT JOIN password_credentials c
        ON c.user_id = p.id AND (c.expires_at IS NULL OR c.expires_at > postern_now())
      WHERE p.type = 'User' AND lower(p.email) = ${email.trim().toLowerCase()} AND p.disabled_at IS NULL`;
    return { blocked, user: user[0] ?? null };
  });
  const fits = await passwordFits(counted.user?.hash ?? null, password);
  return inTransaction(database, async (transaction): Promise<SignInResult> => {
    const { user } = counted;
    const caller = { userId: user?.id, displayName: user?.displayName, ...origin };
    if (!fits || user === null || counted.blocked) {
      await recordAuditEvent(transaction, {
        kind: "SignInFailed",
        outcome: "Failure",
        caller,
        details: { email: email.slice(0, 200), throttled: counted.blocked },
      });
      return refused;
    }
    await forgetAttempts(transaction, `account:${account}`);
    await forgetOldAttempts(transaction);
    await transaction.$executeRaw`
      UPDATE sign_in_throttles SET failures = greatest(failures - 1, 0) WHERE key = ${`address:${origin.ipAddress}`}`;
    if (user.mustChange) {
      return {
        ok: false,
        reason: "ChoosePassword",
        ticket: await tradeOneTimePassword(transaction, user.id),
      };
    }
    const token = await createSession(transaction, user.id, origin);
    await recordAuditEvent(transaction, {
      kind: "SignIn",
      outcome: "Success",
      caller: { ...caller, sessionId: token.sessionId },
    });
    return { ok: true, token };
  });
}
