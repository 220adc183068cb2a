import { organisationName, unknownTimeZone } from "@/lib/domain/notifications/organisation";
import { setUpPassHours } from "@/lib/domain/people/factor-pass";
import { readPrincipalNames } from "@/lib/domain/people/principal";
import { addHours } from "@/lib/domain/time/schedule";
import { isTimeZone } from "@/lib/domain/time/time-zone";
import { presentZone } from "@/lib/domain/time/zone-names";
import { recordWrongToken, tokensAreRefused } from "@/lib/identity/attempts/token-guesses";
import { hashPassword, turnOf } from "@/lib/identity/passwords/password";
import { passwordFault } from "@/lib/identity/passwords/weak-password";
import { beginAwaiting } from "@/lib/identity/sessions/awaiting-session";
import type { Origin, SessionToken } from "@/lib/identity/sessions/sessions";
import { busyMessage, inSignInTurn } from "@/lib/identity/sessions/sign-in-turns";
import { createFirstOwner } from "@/lib/identity/sign-in/first-owner";
import {
  lockInstallation,
  lockOrganisation,
  nameOrganisationIn,
} from "@/lib/identity/sign-in/name-organisation";
import { digestOf, isOpen, openPass } from "@/lib/identity/sign-in/set-up-progress";
import { type SignInResult, signIn } from "@/lib/identity/sign-in/sign-in";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { SessionSecrets } from "@/lib/platform/configuration";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

export interface SetUpInput {
  readonly token: string;
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
}

export type SetUpResult =
  /** The browser has sent a good password, and must now set up the factor. */
  | { readonly ok: true; readonly awaiting: SessionToken }
  | {
      readonly ok: false;
      readonly message: string;
      /** What is wrong with each field; empty if it is not the fields. */
      readonly fieldErrors: Readonly<Record<string, string>>;
    };

export type NamingResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly message: string;
      readonly fieldErrors: Readonly<Record<string, string>>;
    };

const wrongToken = {
  ok: false,
  message: "Somebody else has already done this step, or the address is wrong. Open it again, or sign in.",
  fieldErrors: {},
} as const;

/**
 * Names the organisation and its time zone, for somebody who has a token that the server printed at start. It may be
 * repeated until the first Owner exists. From then on it is an edit of the organisation.
 */
export async function nameOrganisation(
  database: Database,
  input: { readonly token: string; readonly displayName: string; readonly timeZone: string },
  origin: Origin,
): Promise<NamingResult> {
  const name = organisationName.safeParse(input.displayName);
  if (!name.success) return misnamed("displayName", name.error.issues[0]?.message ?? "Enter another name.");
  if (!isTimeZone(input.timeZone)) return misnamed("timeZone", unknownTimeZone);
  const digest = digestOf(input.token);
  const named =
    !(await tokensAreRefused(database, origin)) &&
    (await inTransaction(database, (transaction) =>
      nameWithToken(
        transaction,
        { displayName: name.data, timeZone: presentZone(input.timeZone) },
        digest,
        origin,
      ),
    ));
  if (named) return { ok: true };
  await recordWrongToken(database, origin, "OwnerSetUp");
  return wrongToken;
}

function misnamed(field: string, message: string): NamingResult {
  return { ok: false, message, fieldErrors: { [field]: message } };
}

async function nameWithToken(
  transaction: Transaction,
  after: { readonly displayName: string; readonly timeZone: string },
  digest: Uint8Array<ArrayBuffer>,
  origin: Origin,
): Promise<boolean> {
  const root = await lockOrganisation(transaction);
  const [open] = await transaction.$queryRaw<object[]>`
    SELECT FROM installation WHERE ${isOpen} AND ${digest} = ANY (setup_token_hashes)`;
  if (!open) return false;
  await nameOrganisationIn(transaction, root, after, origin);
  return true;
}

/**
 * Creates the first Owner, or sets the password of the one whom an unattended set-up made, for a caller with a token
 * that the server printed at start. Refused if the token is wrong, or there is an Owner already, and with everything
 * that is wrong with name, address and password. Its use ends all tokens; it stays good as the pass for the Owner's
 * first factor.
 */
export function setUpFirstOwner(database: Database, input: SetUpInput, origin: Origin): Promise<SetUpResult> {
  return inSignInTurn(origin, () => setUp(database, input, origin), {
    ...{ ok: false, message: busyMessage, fieldErrors: {} },
  });
}

async function setUp(database: Database, input: SetUpInput, origin: Origin): Promise<SetUpResult> {
  const digest = digestOf(input.token);
  const made = (await tokensAreRefused(database, origin)) ? null : await ownerToMake(database, input, digest);
  if (made) {
    const { displayName, email, faults } = made;
    const weak = await passwordFault(database, input.password, [displayName, email], turnOf(origin));
    const fieldErrors = { ...faults, ...(weak === null ? {} : { password: weak }) };
    const [message] = Object.values(fieldErrors);
    if (message !== undefined) return { ok: false, message, fieldErrors };
    const hash = await hashPassword(input.password, turnOf(origin));
    const awaiting = await inTransaction(database, (transaction) =>
      makeFirstOwner(transaction, { ...made, hash }, digest, origin),
    );
    if (awaiting) return { ok: true, awaiting };
  }
  await recordWrongToken(database, origin, "OwnerSetUp");
  return wrongToken;
}

interface OwnerToMake {
  /** Null unless an unattended set-up created them. */
  readonly id: string | null;
  readonly displayName: string;
  readonly email: string;
  /** What is wrong with the name and the address that were typed. */
  readonly faults: Readonly<Record<string, string>>;
}

/** The person whom this token sets up; null if it is wrong. Checked before the password is hashed, which is costly. */
async function ownerToMake(
  database: Database,
  input: SetUpInput,
  digest: Uint8Array<ArrayBuffer>,
): Promise<OwnerToMake | null> {
  const [row] = await database.client.$queryRaw<
    { id: string | null; displayName: string | null; email: string | null }[]
  >`
    SELECT o.id, o.display_name AS "displayName", o.email
    FROM installation LEFT JOIN principals o ON o.id = setup_owner_id
    WHERE ${isOpen} AND ${digest} = ANY (setup_token_hashes)`;
  if (!row) return null;
  if (row.id !== null && row.displayName !== null && row.email !== null)
    return { id: row.id, displayName: row.displayName, email: row.email, faults: {} };
  const read = readPrincipalNames({ ...input, externalId: null });
  if (read.ok && read.names.email !== null)
    return { id: null, displayName: read.names.displayName, email: read.names.email, faults: {} };
  const faults = read.ok ? [] : read.faults.map(({ field, message }) => [field, message]);
  return { id: null, displayName: input.displayName, email: input.email, faults: Object.fromEntries(faults) };
}

async function makeFirstOwner(
  transaction: Transaction,
  { id, displayName, email, hash }: Omit<OwnerToMake, "faults"> & { readonly hash: string },
  digest: Uint8Array<ArrayBuffer>,
  origin: Origin,
): Promise<SessionToken | null> {
  await lockInstallation(transaction);
  const spent = await transaction.$executeRaw`
    UPDATE installation SET setup_token_hashes = '{}'
    WHERE ${isOpen} AND ${digest} = ANY (setup_token_hashes)
      AND setup_owner_id IS NOT DISTINCT FROM ${id}::uuid`;
  if (spent !== 1) return null;
  const user = id === null ? await createFirstOwner(transaction, { displayName, email }, origin) : { id };
  await transaction.passwordCredential.create({ data: { userId: user.id, hash } });
  if (id !== null)
    await recordAuditEvent(transaction, {
      ...{ kind: "OwnerSetUp", outcome: "Success", caller: { userId: id, displayName, ...origin } },
      target: { id, displayName },
      details: { unattended: true },
    });
  // The set-up address counts as the pass for the Owner's first factor, since nobody else could make
  // one.
  await transaction.factorPass.create({
    data: {
      userId: user.id,
      passHash: digest,
      expiresAt: addHours(await databaseNow(transaction), setUpPassHours),
    },
  });
  return beginAwaiting(transaction, user.id, origin);
}

/**
 * Continues a set-up that stopped before the factor, for somebody who has its address and the Owner's password.
 * Everything is checked and counted as at a sign-in, and nobody is signed in before the factor is set up.
 */
export async function resumeSetUp(
  database: Database,
  secrets: SessionSecrets,
  { token, password }: { readonly token: string; readonly password: string },
  origin: Origin,
): Promise<SignInResult> {
  const digest = digestOf(token);
  const rows = (await tokensAreRefused(database, origin))
    ? []
    : await database.client.$queryRaw<{ email: string }[]>`
        SELECT p.email FROM factor_passes f JOIN principals p ON p.id = f.user_id WHERE ${openPass(digest)}`;
  const [owner] = rows;
  if (owner) return signIn(database, secrets, { email: owner.email, password, asksFactor: true }, origin);
  await recordWrongToken(database, origin, "OwnerSetUp");
  return { ...wrongToken, reason: "Refused" };
}
