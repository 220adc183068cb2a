import { createHash, randomBytes } from "node:crypto";
import { couldManage } from "@/lib/authority/authority-over";
import { mayUsePassword, passwordCounts } from "@/lib/authority/break-glass-accounts";
import { forgetWrongCodes } from "@/lib/identity/attempts/throttle";
import { recordWrongToken, tokensAreRefused } from "@/lib/identity/attempts/token-guesses";
import { hashPassword, passwordFits, turnOf } from "@/lib/identity/passwords/password";
import { passwordFault } from "@/lib/identity/passwords/weak-password";
import { lockPerson, type Origin } from "@/lib/identity/sessions/sessions";
import { busyMessage, inSignInTurn } from "@/lib/identity/sessions/sign-in-turns";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** How many minutes somebody who signed in with a one-time password has to choose their own password. */
const ticketMinutes = 15;
/** Without letters and digits that look alike; 16 of these are 79 bits. */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

/**
 * A one-time password for an administrator to pass on, which is shown once, and its hash. Throws `Busy`
 * if too many wait.
 */
export async function makeOneTimePassword(
  maker: Caller,
): Promise<{ password: string; passwordHash: string }> {
  const bytes = randomBytes(64).filter((byte) => byte < alphabet.length * 8);
  const letters = [...bytes.subarray(0, 16)].map((byte) => alphabet[byte % alphabet.length]).join("");
  const password = letters.replaceAll(/(.{4})(?=.)/g, "$1-");
  return { password, passwordHash: await hashPassword(password, turnOf(maker)) };
}

/** The token of a link, shown once, and its hash. */
export function makeToken(): { token: string; tokenHash: Uint8Array<ArrayBuffer> } {
  const token = randomBytes(24).toString("base64url");
  return { token, tokenHash: tokenHash(token) };
}

function tokenHash(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(token).digest());
}

/** Exchanges a right one-time password for a token to choose one's own password within minutes. */
export async function tradeOneTimePassword(transaction: Transaction, userId: string): Promise<string> {
  const { token, tokenHash: hash } = makeToken();
  // One at a time: a new one replaces the previous one.
  const taken = await transaction.$executeRaw`
    UPDATE password_tickets SET token_hash = ${hash}, expires_at = postern_now() + make_interval(mins => ${ticketMinutes})
    WHERE user_id = ${userId}::uuid AND purpose = 'OneTimePassword' AND used_at IS NULL AND replaced_at IS NULL`;
  if (taken === 0)
    await transaction.$executeRaw`
      INSERT INTO password_tickets (user_id, purpose, token_hash, expires_at)
      VALUES (${userId}::uuid, 'OneTimePassword', ${hash}, postern_now() + make_interval(mins => ${ticketMinutes}))`;
  return token;
}

interface TicketHolder {
  readonly displayName: string;
  readonly email: string;
  /** False while passwords are switched off and this is not a break-glass account. Then no password can be chosen. */
  readonly passwordCounts: boolean;
}

/**
 * The name of the user who may choose a password with this token. Null, and logged, if the token is unknown, used,
 * replaced or expired, or if its address has sent too many such tokens. `Busy` if too many wait.
 */
export async function readPasswordTicket(
  database: Database,
  token: string,
  origin: Origin,
): Promise<TicketHolder | "Busy" | null> {
  const found = await inSignInTurn(origin, () => findHolder(database, token, origin), "Busy" as const);
  if (found === null || found === "Busy") return found;
  return { displayName: found.displayName, email: found.email, passwordCounts: found.passwordCounts };
}

interface FoundHolder extends TicketHolder {
  readonly userId: string;
  /** The hash of the present password, if there is one. */
  readonly hash: string | null;
}

async function findHolder(database: Database, token: string, origin: Origin): Promise<FoundHolder | null> {
  const found = (await tokensAreRefused(database, origin)) ? null : await ticketHolder(database, token);
  if (!found && token !== "") await recordWrongToken(database, origin, "PasswordChanged");
  return found;
}

function ticketHolder(database: Database, token: string) {
  return inTransaction(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<FoundHolder[]>`
      SELECT p.id AS "userId", p.display_name AS "displayName", p.email, c.hash, ${passwordCounts} AS "passwordCounts"
      FROM password_tickets t JOIN principals p ON p.id = t.user_id
        LEFT JOIN password_credentials c ON c.user_id = p.id
      WHERE t.token_hash = ${tokenHash(token)} AND t.used_at IS NULL AND t.replaced_at IS NULL
        AND t.expires_at > postern_now() AND p.disabled_at IS NULL`;
    return row ?? null;
  });
}

interface OpenTicket {
  readonly id: string;
  readonly userId: string;
  readonly displayName: string;
  /** Null: the operator of the server. */
  readonly issuedById: string | null;
  readonly issuedAt: Date;
}

export type ChoosePasswordResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly field: "token" | "password"; readonly message: string };

const spentTicket: ChoosePasswordResult = {
  ok: false,
  field: "token",
  message: "This link is no longer valid. Ask an administrator for a new one.",
};

const outgrownTicket: ChoosePasswordResult = {
  ok: false,
  field: "token",
  message:
    "You now have access that the administrator who issued this could not give. Ask one who can for a new one.",
};

/** What an invitation or a one-time password says while passwords are switched off. */
export const passwordsAreOffMessage =
  "Passwords are switched off here. Sign in with a passkey or through your identity provider.";

const passwordsAreOff: ChoosePasswordResult = { ok: false, field: "token", message: passwordsAreOffMessage };

interface ChoosePasswordInput {
  readonly token: string;
  readonly password: string;
}

const busy: ChoosePasswordResult = { ok: false, field: "password", message: busyMessage };

/**
 * Sets a user's own password with an unused token. The token is used up, and all other tokens of the
 * user and any one-time password end. The one-time password itself cannot be chosen. The issuer must
 * still manage people and have the authority for everything that the user has now. Otherwise a help
 * desk could gain access that a newcomer is given later.
 */
export function choosePassword(
  database: Database,
  input: ChoosePasswordInput,
  origin: Origin,
): Promise<ChoosePasswordResult> {
  return inSignInTurn(origin, () => chooseWithTicket(database, input, origin), busy);
}

async function chooseWithTicket(
  database: Database,
  input: ChoosePasswordInput,
  origin: Origin,
): Promise<ChoosePasswordResult> {
  const person = await findHolder(database, input.token, origin);
  if (!person) return spentTicket;
  if (!person.passwordCounts) return passwordsAreOff;
  const about = [person.displayName, person.email];
  const fault = await passwordFault(database, input.password, about, turnOf(origin));
  if (fault) return { ok: false, field: "password", message: fault };
  // A change of that password in the meantime also replaces the ticket.
  if (person.hash !== null && (await passwordFits(person.hash, input.password, turnOf(origin)))) {
    const message = "Choose a password that differs from the one you were given.";
    return { ok: false, field: "password", message };
  }
  const hash = await hashPassword(input.password, turnOf(origin));
  const result = await inTransaction(database, async (transaction): Promise<ChoosePasswordResult> => {
    await lockPerson(transaction, person.userId);
    const [ticket] = await transaction.$queryRaw<OpenTicket[]>`
      SELECT t.id, t.user_id AS "userId", p.display_name AS "displayName",
        CASE t.purpose WHEN 'Invitation' THEN t.issued_by_id ELSE c.issued_by_id END AS "issuedById",
        CASE t.purpose WHEN 'Invitation' THEN t.created_at ELSE c.changed_at END AS "issuedAt"
      FROM password_tickets t JOIN principals p ON p.id = t.user_id
        LEFT JOIN password_credentials c ON c.user_id = t.user_id
      WHERE t.token_hash = ${tokenHash(input.token)} AND t.used_at IS NULL AND t.replaced_at IS NULL
        AND t.expires_at > postern_now() AND p.disabled_at IS NULL
      FOR UPDATE OF t`;
    if (!ticket) return spentTicket;
    const { userId, displayName, issuedById, issuedAt } = ticket;
    if (!(await mayUsePassword(transaction, userId))) return passwordsAreOff;
    if (issuedById !== null && !(await couldManage(transaction, issuedById, userId, issuedAt))) {
      await recordAuditEvent(transaction, {
        kind: "PasswordChanged",
        outcome: "Failure",
        caller: { userId, displayName, ...origin },
        target: { id: userId, displayName },
        details: { error: "SignInOutgrown" },
      });
      return outgrownTicket;
    }
    await transaction.$executeRaw`
      UPDATE password_tickets SET
        used_at = CASE WHEN id = ${ticket.id}::uuid THEN postern_now() END,
        replaced_at = CASE WHEN id <> ${ticket.id}::uuid THEN postern_now() END
      WHERE user_id = ${userId}::uuid AND used_at IS NULL AND replaced_at IS NULL`;
    await transaction.$executeRaw`
      INSERT INTO password_credentials (user_id, hash, changed_at) VALUES (${userId}::uuid, ${hash}, postern_now())
      ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at,
        must_change = false, expires_at = NULL, issued_by_id = NULL`;
    await forgetWrongCodes(transaction, userId, { byThemselves: false });
    const ended = await transaction.$executeRaw`
      UPDATE sessions SET ended_at = postern_now() WHERE user_id = ${userId}::uuid AND ended_at IS NULL`;
    await recordAuditEvent(transaction, {
      kind: "PasswordChanged",
      outcome: "Success",
      caller: { userId, displayName, ...origin },
      target: { id: userId, displayName },
      details: { endedSessions: ended },
    });
    return { ok: true };
  });
  // Another request used the same token first.
  if (result === spentTicket) await recordWrongToken(database, origin, "PasswordChanged");
  return result;
}
