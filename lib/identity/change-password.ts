import { passwordFault } from "@/lib/domain/password-rules";
import { hashPassword } from "@/lib/identity/password";
import { reauthenticate } from "@/lib/identity/reauthenticate";
import { rotateSession, type SessionToken, sessionToCommit } from "@/lib/identity/sessions";
import { forgetWrongCodes } from "@/lib/identity/throttle";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

export type ChangePasswordResult =
  | { readonly ok: true; readonly endedSessions: number; readonly token: SessionToken }
  | { readonly ok: false; readonly field: "currentPassword" | "newPassword"; readonly message: string };

/**
 * Gives the caller a new password, on proof of the old one. Every other session of theirs ends, and this one gets a
 * new secret. Guesses of the old password are slowed and logged.
 */
export async function changePassword(
  database: Database,
  caller: Caller,
  input: { readonly currentPassword: string; readonly newPassword: string },
): Promise<ChangePasswordResult> {
  const target = { id: caller.userId, displayName: caller.displayName };
  const fault = passwordFault(input.newPassword, [caller.displayName, caller.email]);
  if (fault) return { ok: false, field: "newPassword", message: fault };
  if (!(await reauthenticate(database, caller, input.currentPassword, "PasswordChanged"))) {
    return {
      ok: false,
      field: "currentPassword",
      message: "This is not your password, or there were too many attempts. Wait a moment and try again.",
    };
  }
  if (input.newPassword === input.currentPassword)
    return { ok: false, field: "newPassword", message: "Choose a password that differs from the old one." };
  const hash = await hashPassword(input.newPassword);
  return inTransaction(database, async (transaction): Promise<ChangePasswordResult> => {
    // Whatever gave them another password while this waited ended the session: it gives them none.
    await transaction.$queryRaw`
      SELECT FROM password_credentials WHERE user_id = ${caller.userId}::uuid FOR UPDATE`;
    if (!(await sessionToCommit(transaction, caller)))
      return { ok: false, field: "currentPassword", message: "This session has ended. Sign in again." };
    await transaction.$executeRaw`
      UPDATE password_credentials SET hash = ${hash}, changed_at = postern_now()
      WHERE user_id = ${caller.userId}::uuid`;
    await forgetWrongCodes(transaction, caller.userId);
    const endedSessions = await transaction.$executeRaw`
      UPDATE sessions SET ended_at = postern_now()
      WHERE user_id = ${caller.userId}::uuid AND id <> ${caller.sessionId}::uuid AND ended_at IS NULL`;
    const token = await rotateSession(transaction, caller.sessionId);
    const details = { endedSessions };
    await recordAuditEvent(transaction, {
      kind: "PasswordChanged",
      outcome: "Success",
      caller,
      target,
      details,
    });
    return { ok: true, endedSessions, token };
  });
}
