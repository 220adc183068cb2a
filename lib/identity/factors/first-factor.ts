import { createHash, randomBytes } from "node:crypto";
import { couldManage } from "@/lib/authority/authority-over";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { type FirstFactorRule, setUpTokenOf, typedPass } from "@/lib/domain/people/factor-pass";
import { justNowMinutes } from "@/lib/domain/people/identity-link";
import { addHours } from "@/lib/domain/time/schedule";
import { type Count, judgeAttempt } from "@/lib/identity/attempts/throttle";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { openSession } from "@/lib/platform/sql/open-session";
import { databaseNow } from "@/lib/platform/transaction";

/** Without letters and digits that look alike. 24 of these are 118 bits, so a fast hash is enough (ASVS 5.0, 6.5.2). */
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
const letters = 24;

export const sha256 = (text: string) => new Uint8Array(createHash("sha256").update(text).digest());

/** A one-time pass, shown once, and its hash. */
export function makeFactorPass(): { pass: string; passHash: Uint8Array<ArrayBuffer> } {
  const bytes = randomBytes(128).filter((byte) => byte < alphabet.length * 8);
  const text = [...bytes.subarray(0, letters)].map((byte) => alphabet[byte % alphabet.length]).join("");
  return { pass: text.replaceAll(/(.{4})(?=.)/g, "$1-"), passHash: sha256(text) };
}

export type FirstFactor =
  | { readonly ok: true; readonly passId: string | null }
  | { readonly ok: false; readonly message: string };

const noPass = "Enter the one-time pass that an administrator made for you.";
const wrongPass =
  "This is not a valid one-time pass of yours, or there were too many attempts. It may have been used, replaced or revoked, or have expired. Ask an administrator for a new one.";

const outgrownPass =
  "You now have access that the administrator who made this pass could not give. Ask one who can for a new pass.";

/** How many minutes somebody has to confirm a factor after they began to enrol it. */
const enrolmentMinutes = 10;

/**
 * Whether a first factor requires no pass in this session: nobody's does, or this session began with a
 * provider's second factor just now (`minutes`), through a link that counts. It always requires a pass
 * if the session began through a link that a directory's token caused, or if the person has an app that
 * is no longer accepted. A password must not be enough where a code was required before.
 */
async function withoutPass(
  transaction: Pick<Transaction, "$queryRaw">,
  caller: Caller,
  rule: FirstFactorRule,
  minutes: number = justNowMinutes,
): Promise<boolean> {
  if (rule === "OneTimePass") return false;
  if (rule === "AnyoneSignedIn") {
    const [row] = await transaction.$queryRaw<object[]>`
      SELECT FROM sessions s JOIN identity_links l ON l.id = s.identity_link_id AND l.directory_id IS NOT NULL
      WHERE s.id = ${caller.sessionId}::uuid
      UNION ALL SELECT FROM totp_factors
      WHERE user_id = ${caller.userId}::uuid AND confirmed_at IS NOT NULL AND removed_at IS NULL`;
    return row === undefined;
  }
  const [row] = await transaction.$queryRaw<object[]>`
    SELECT FROM sessions s JOIN identity_links l ON l.id = s.identity_link_id AND l.principal_id = s.user_id
    WHERE s.id = ${caller.sessionId}::uuid AND s.user_id = ${caller.userId}::uuid AND ${openSession}
      AND s.provider_second_factor AND link_counts(l.id)
      AND s.created_at > postern_now() - make_interval(mins => ${minutes})`;
  return row !== undefined;
}

/**
 * Whether the caller may begin to enrol a factor by the rules in force, with their own open pass or
 * without one. They have no factor and have typed their password. Wrong passes are counted and logged,
 * so the transaction must commit whatever the result.
 */
export async function beginFirstFactor(
  transaction: Transaction,
  caller: Caller,
  typed: string,
  kind: "AuthenticatorEnrolled" | "PasskeyRegistered",
): Promise<FirstFactor> {
  const { firstFactor } = await readSignInRules(transaction);
  if (await withoutPass(transaction, caller, firstFactor)) return { ok: true, passId: null };
  const target = { id: caller.userId, displayName: caller.displayName };
  const refused = { kind, outcome: "Failure" as const, caller, target };
  if (typed.trim() === "") {
    await recordAuditEvent(transaction, { ...refused, details: { error: "NoOneTimePass" } });
    return { ok: false, message: noPass };
  }
  const hashes = [sha256(typedPass(typed)), sha256(setUpTokenOf(typed))];
  const [pass] = await transaction.$queryRaw<OpenPass[]>`
    SELECT id, made_by_id AS "madeById", created_at AS "createdAt" FROM factor_passes
    WHERE user_id = ${caller.userId}::uuid AND pass_hash IN (${hashes[0]}, ${hashes[1]})
      AND used_at IS NULL AND replaced_at IS NULL AND expires_at > postern_now()`;
  // Counted by person, since an attacker may have any number of sessions.
  const counts: readonly Count[] = [{ kind: "passes", subject: caller.userId }];
  const verdict = await judgeAttempt(transaction, counts, pass !== undefined);
  if (pass && !verdict.blocked && (await outgrown(transaction, caller, pass))) {
    await recordAuditEvent(transaction, { ...refused, details: { error: "PassOutgrown" } });
    return { ok: false, message: outgrownPass };
  }
  if (pass && !verdict.blocked) return { ok: true, passId: pass.id };
  if (!verdict.blocked || verdict.gathered !== null)
    await recordAuditEvent(transaction, {
      ...refused,
      details: {
        error: "WrongOneTimePass",
        throttled: verdict.blocked,
        ...(verdict.blocked ? { attempts: verdict.gathered } : {}),
      },
    });
  return { ok: false, message: wrongPass };
}

interface OpenPass {
  readonly id: string;
  /** Who made it. Null: the first Owner's set-up address, or the operator of the server. */
  readonly madeById: string | null;
  readonly createdAt: Date;
}

/**
 * Whether the person has gained access since a pass was made for them that its administrator could not
 * give. Otherwise the administrator could gain that access by using the pass before its person does.
 */
async function outgrown(
  transaction: Transaction,
  caller: Caller,
  { madeById, createdAt }: Omit<OpenPass, "id">,
): Promise<boolean> {
  return madeById !== null && !(await couldManage(transaction, madeById, caller.userId, createdAt));
}

/** A factor that may be confirmed: from when it counts, and whether a provider's second factor allowed it. */
export interface ConfirmedFirst {
  readonly countsFrom: Date | null;
  readonly byProvider: boolean;
}

/** The value if another factor confirmed the new one. */
export const notFirst: ConfirmedFirst = { countsFrom: null, byProvider: false };

/**
 * Whether a first factor whose enrolment began this way may be confirmed now, by the rules in force at
 * the commit. Its pass is spent here. The pass must still be open, and within the authority of the
 * person who made it. Returns from when the factor counts.
 */
export async function confirmFirstFactor(
  transaction: Transaction,
  caller: Caller,
  passId: string | null,
): Promise<ConfirmedFirst | null> {
  const rules = await readSignInRules(transaction, "shared");
  const minutes = justNowMinutes + enrolmentMinutes;
  if (passId === null && !(await withoutPass(transaction, caller, rules.firstFactor, minutes))) return null;
  if (passId !== null) {
    const pass = await transaction.factorPass.findUnique({
      where: { id: passId },
      select: { madeById: true, createdAt: true },
    });
    if (!pass || (await outgrown(transaction, caller, pass))) return null;
    const spent = await transaction.$executeRaw`
      UPDATE factor_passes SET used_at = postern_now()
      WHERE id = ${passId}::uuid AND user_id = ${caller.userId}::uuid AND used_at IS NULL AND replaced_at IS NULL
        AND expires_at > postern_now()`;
    if (spent !== 1) return null;
  }
  const byProvider = passId === null && rules.firstFactor === "ProviderSecondFactor";
  if (rules.factorWaitsHours === 0) return { countsFrom: null, byProvider };
  return { countsFrom: addHours(await databaseNow(transaction), rules.factorWaitsHours), byProvider };
}

/** What the event of a new factor says about how it was allowed and from when it counts. */
export function firstFactorDetails(first: ConfirmedFirst, passId: string | null) {
  return {
    ...(passId === null ? {} : { withPass: true }),
    ...(first.byProvider ? { withProvidersSecondFactor: true } : {}),
    ...(first.countsFrom === null ? {} : { countsFrom: first.countsFrom.toISOString() }),
  };
}

/**
 * Until when a factor of the caller does not count yet, and whether they need a pass to enrol a first
 * one.
 */
export async function firstFactorState(transaction: Pick<Transaction, "$queryRaw">, caller: Caller) {
  const { firstFactor } = await readSignInRules(transaction);
  const [row] = await transaction.$queryRaw<{ bySetUp: boolean; countsFrom: Date | null }[]>`
    SELECT EXISTS (SELECT FROM factor_passes WHERE user_id = ${caller.userId}::uuid AND made_by_id IS NULL
        AND used_at IS NULL AND replaced_at IS NULL AND expires_at > postern_now()) AS "bySetUp",
      (SELECT max(counts_from) FROM factors_in_force
        WHERE user_id = ${caller.userId}::uuid AND counts_from > postern_now()) AS "countsFrom"`;
  return {
    needsPass: !(await withoutPass(transaction, caller, firstFactor)),
    /** Whether a sign-in with a provider's second factor would also be enough. */
    byProvider: firstFactor === "ProviderSecondFactor",
    bySetUp: row?.bySetUp ?? false,
    countsFrom: row?.countsFrom ?? null,
  };
}
