import { createHash } from "node:crypto";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
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
import {
  lockInstallation,
  lockOrganisation,
  nameOrganisationIn,
} from "@/lib/identity/sign-in/name-organisation";
import { type SignInResult, signIn } from "@/lib/identity/sign-in/sign-in";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { SessionSecrets } from "@/lib/platform/configuration";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { awaitsFirstOwner } from "@/lib/platform/sql/set-up-open";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** How far a set-up is, for whoever has its address. */
export type SetUpProgress =
  /** The address is not, or no longer, that of a set-up. `open`: another one is. */
  | { readonly step: "None"; readonly open: boolean }
  | { readonly step: "Organisation" | "Owner"; readonly about: SetUpAbout }
  /** The first Owner has a password, and no factor yet. */
  | { readonly step: "Factor"; readonly email: string };

/** What a set-up knows so far. */
export interface SetUpAbout {
  readonly organisation: string;
  readonly timeZone: string;
  /** The first Owner, where an unattended set-up made them: only a password is missing. */
  readonly owner: { readonly displayName: string; readonly email: string } | null;
}

export interface SetUpInput {
  readonly token: string;
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
}

export type SetUpResult =
  /** The browser has typed a good password, and is to set up the factor. */
  | { readonly ok: true; readonly awaiting: SessionToken }
  | { readonly ok: false; readonly message: string; readonly field?: "password" };

export type NamingResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly message: string;
      readonly fieldErrors: Readonly<Record<string, string>>;
    };

const wrongToken = {
  ok: false,
  message: "This set-up address is no longer valid. Start Postern again for a new one, or sign in.",
} as const;

const digestOf = (token: string) => new Uint8Array(createHash("sha256").update(token).digest());

/** Of the row of `installation`: there is no first Owner yet, or one whom an unattended set-up made, without a password. */
const isOpen = Prisma.sql`setup_token_hashes <> '{}' AND ${Prisma.raw(awaitsFirstOwner)}`;

/** How far the set-up is whose address has this token. */
export function readSetUp(database: Database, token: string): Promise<SetUpProgress> {
  return inTransaction(database, async (transaction): Promise<SetUpProgress> => {
    const digest = digestOf(token);
    const [found] = await transaction.$queryRaw<
      {
        open: boolean;
        mine: boolean;
        named: boolean;
        timeZone: string;
        organisation: string;
        ownerName: string | null;
        ownerEmail: string | null;
        awaited: string | null;
      }[]
    >`
      SELECT ${isOpen} AS open, ${digest} = ANY (setup_token_hashes) AS mine,
        organisation_named_at IS NOT NULL AS named, time_zone AS "timeZone",
        root.display_name AS organisation, o.display_name AS "ownerName", o.email AS "ownerEmail",
        (SELECT p.email FROM factor_passes f JOIN principals p ON p.id = f.user_id WHERE ${openPass(digest)}) AS awaited
      FROM installation JOIN resources root ON lower(root.scope) = '/' LEFT JOIN principals o ON o.id = setup_owner_id`;
    if (!found) throw new Error("there is no installation");
    if (found.awaited !== null) return { step: "Factor", email: found.awaited };
    if (!found.open || !found.mine) return { step: "None", open: found.open };
    const { organisation, timeZone, ownerName, ownerEmail } = found;
    const owner =
      ownerName === null || ownerEmail === null ? null : { displayName: ownerName, email: ownerEmail };
    return { step: found.named ? "Owner" : "Organisation", about: { organisation, timeZone, owner } };
  });
}

/** Of a pass `f` of `p`: it is this set-up address, and its Owner has still to set up a factor with it. */
const openPass = (digest: Uint8Array) => Prisma.sql`f.pass_hash = ${digest} AND f.made_by_id IS NULL
  AND f.used_at IS NULL AND f.replaced_at IS NULL AND f.expires_at > postern_now() AND p.disabled_at IS NULL
  AND NOT EXISTS (SELECT FROM totp_factors t WHERE t.user_id = p.id AND t.confirmed_at IS NOT NULL AND t.removed_at IS NULL)`;

/**
 * Names the organisation and its time zone, for whoever has a token that the server printed at start. It may be done
 * again until the first Owner is there; then it is an edit of the organisation.
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
  return { ...wrongToken, fieldErrors: {} };
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
 * Creates the first Owner, or gives the one whom an unattended set-up made their password, for whoever has a token that
 * the server printed at start. Refused if the token is wrong, or there is an Owner already. Its use ends all tokens; it
 * stays good as the pass for the Owner's first factor.
 */
export function setUpFirstOwner(database: Database, input: SetUpInput, origin: Origin): Promise<SetUpResult> {
  return inSignInTurn(origin, () => setUp(database, input, origin), { ok: false, message: busyMessage });
}

async function setUp(database: Database, input: SetUpInput, origin: Origin): Promise<SetUpResult> {
  const digest = digestOf(input.token);
  const made = (await tokensAreRefused(database, origin)) ? null : await ownerToMake(database, input, digest);
  if (made) {
    const about = [made.displayName, made.email];
    const weak = await passwordFault(database, input.password, about, turnOf(origin));
    if (weak !== null) return { ok: false, field: "password", message: weak };
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
  /** Null unless an unattended set-up made them. */
  readonly id: string | null;
  readonly displayName: string;
  readonly email: string;
}

/** Whom this token sets up; null if it is wrong. Checked before the password is hashed, which is costly. */
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
    return { id: row.id, displayName: row.displayName, email: row.email };
  const read = readPrincipalNames({ ...input, externalId: null });
  if (!read.ok || read.names.email === null) return null;
  return { id: null, displayName: read.names.displayName, email: read.names.email };
}

async function makeFirstOwner(
  transaction: Transaction,
  { id, displayName, email, hash }: OwnerToMake & { readonly hash: string },
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
  // The set-up address counts as the pass for the Owner's first factor: nobody else could make one.
  await transaction.factorPass.create({
    data: {
      userId: user.id,
      passHash: digest,
      expiresAt: addHours(await databaseNow(transaction), setUpPassHours),
    },
  });
  return beginAwaiting(transaction, user.id, origin);
}

/** Creates the first Owner, without a password. `origin` is null where whoever runs the server does it. */
export async function createFirstOwner(
  transaction: Transaction,
  { displayName, email }: { readonly displayName: string; readonly email: string },
  origin: Origin | null,
): Promise<{ readonly id: string }> {
  const resource = await transaction.resource.findFirstOrThrow({ where: { parentId: null } });
  const user = await transaction.principal.create({ data: { type: "User", displayName, email } });
  const assignment = await transaction.assignment.create({
    data: {
      principalId: user.id,
      roleDefinitionId: ownerRoleId,
      resourceId: resource.id,
      assignmentType: "Assigned",
      startsAt: await databaseNow(transaction),
    },
  });
  await recordAuditEvent(transaction, {
    kind: "OwnerSetUp",
    outcome: "Success",
    caller: origin ? { userId: user.id, displayName, ...origin } : {},
    target: user,
    role: { id: ownerRoleId, roleName: "Owner" },
    resource,
    assignmentId: assignment.id,
    ...(origin ? {} : { details: { byOperator: true } }),
  });
  return user;
}

/**
 * Continues a set-up that ended before the factor, for whoever has its address and the Owner's password. Everything
 * is checked and counted as at a sign-in, and nobody is signed in before the factor is there.
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
