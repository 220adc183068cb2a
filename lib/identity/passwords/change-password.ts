import { forgetWrongCodes } from "@/lib/identity/attempts/throttle";
import { hashPassword, turnOf } from "@/lib/identity/passwords/password";
import { reauthenticate } from "@/lib/identity/passwords/reauthenticate";
import { passwordFault } from "@/lib/identity/passwords/weak-password";
import {
  createSession,
  lockPerson,
  type SessionToken,
  sessionToCommit,
} from "@/lib/identity/sessions/sessions";
import { busyMessage } from "@/lib/identity/sessions/sign-in-turns";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import { unlessBusy } from "@/lib/platform/concurrency-limit";
import type { Database } from "@/lib/platform/database";
import { repeatChecks } from "@/lib/platform/recheck";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

export type ChangePasswordResult =
  | {
      readonly ok: true;
      readonly endedSessions: number;
      readonly token: SessionToken;
      /** The cookie that identifies this browser. */
      readonly changedAt: Date;
    }
  | { readonly ok: false; readonly field: "currentPassword" | "newPassword"; readonly message: string };

interface PasswordInput {
  readonly currentPassword: string;
  readonly newPassword: string;
}

const busy: ChangePasswordResult = { ok: false, field: "currentPassword", message: busyMessage };

/**
 * Changes the caller's password, with the old one as proof. All their sessions end, and this browser gets a new one,
 * so that old secrets and open streams stop working. Guesses of the old password are slowed down and logged. Refused
 * if the session ended meanwhile, as it does with any other change of the password.
 */
export function changePassword(
  database: Database,
  caller: Caller,
  input: PasswordInput,
): Promise<ChangePasswordResult> {
  return unlessBusy(() => changeWhenProved(database, caller, input), busy);
}

async function changeWhenProved(
  database: Database,
  caller: Caller,
  input: PasswordInput,
): Promise<ChangePasswordResult> {
  const target = { id: caller.userId, displayName: caller.displayName };
  const about = [caller.displayName, caller.email];
  const fault = await passwordFault(database, input.newPassword, about, turnOf(caller));
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
  const hash = await hashPassword(input.newPassword, turnOf(caller));
  return inTransaction(database, async (transaction): Promise<ChangePasswordResult> => {
    // If another change of the password ended the session while this waited, this is refused.
    await lockPerson(transaction, caller.userId);
    if (!(await sessionToCommit(transaction, caller))) {
      const details = { error: "SessionEnded" };
      const refusal = { kind: "PasswordChanged", outcome: "Failure", caller, target, details } as const;
      await recordAuditEvent(transaction, refusal);
      return { ok: false, field: "currentPassword", message: "This session has ended. Sign in again." };
    }
    const { changedAt } = await transaction.passwordCredential.update({
      where: { userId: caller.userId },
      data: { hash, changedAt: await databaseNow(transaction) },
    });
    await transaction.$queryRaw`
      SELECT id FROM sessions WHERE user_id = ${caller.userId}::uuid AND ended_at IS NULL
      ORDER BY id FOR NO KEY UPDATE`;
    await repeatChecks(transaction);
    const ended = await transaction.$executeRaw`
      UPDATE sessions SET ended_at = postern_now() WHERE user_id = ${caller.userId}::uuid AND ended_at IS NULL`;
    const token = await createSession(transaction, caller.userId, caller);
    await forgetWrongCodes(transaction, caller.userId, { byThemselves: true });
    const details = { endedSessions: ended - 1 };
    await recordAuditEvent(transaction, {
      kind: "PasswordChanged",
      outcome: "Success",
      caller,
      target,
      details,
    });
    return { ok: true, endedSessions: ended - 1, token, changedAt };
  });
}
