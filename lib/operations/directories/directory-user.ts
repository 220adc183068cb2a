import { isBreakGlassAccount } from "@/lib/authority/break-glass-accounts";
import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import { displayNameOf, namesToKeep, sameNames, type UserState } from "@/lib/domain/directories/scim-user";
import { privilegeNames } from "@/lib/domain/gate/privileges";
import { externalIdFault, type PrincipalNames, readPrincipalNames } from "@/lib/domain/people/principal";
import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import {
  refuseBeyondDirectory,
  refuseConflictsOfDirectory,
} from "@/lib/operations/directories/beyond-directory";
import type { Entry } from "@/lib/operations/directories/directory-operation";
import {
  DirectoryRefusal,
  type Drift,
  entryOf,
  settleDrift,
} from "@/lib/operations/directories/directory-operation";
import { Refusal } from "@/lib/operations/gate/refusal";
import { keptFor } from "@/lib/operations/gate/refuse-break-glass";
import { disablePrincipalIn } from "@/lib/operations/people/disable-principal";
import { enablePrincipalIn } from "@/lib/operations/people/enable-principal";
import type { PrincipalFacts } from "@/lib/operations/people/manage-principals";
import { knownBy } from "@/lib/operations/people/refuse-taken-names";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { lockNames } from "@/lib/platform/sql/name-keys";

/** The names of a user as they are stored. Refuses what forms refuse, and names the field as SCIM does. */
export function storedNames(user: UserState, entry: Entry): PrincipalNames & { readonly email: string } {
  const asked = { displayName: displayNameOf(user), email: user.userName, externalId: user.externalId };
  const read = readPrincipalNames(asked);
  const words: Readonly<Record<string, string>> = { email: "userName" };
  const faults = read.ok
    ? []
    : read.faults.map(({ field, message }) => ({ field: words[field] ?? field, message }));
  const names = read.ok ? read.names : asked;
  const wrongId = faults.length > 0 ? null : externalIdFault(names);
  if (wrongId !== null) faults.push({ field: "externalId", message: wrongId });
  if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
  return { ...names, email: names.email ?? "" };
}

/** A directory does not learn the names of people whom it does not own. */
export const takenByOthers =
  "Somebody here who does not belong to this directory has this userName or externalId. An administrator decides on the page Directories.";

/** Refuses names that lead to somebody else here, and stores the refusal as drift. Locks the names until the commit. */
export async function refuseTaken(
  transaction: Transaction,
  directory: DirectoryCaller,
  ownId: string | null,
  names: Pick<PrincipalNames, "email" | "externalId">,
  entry: Entry,
): Promise<void> {
  const asked = [names.email, names.externalId].flatMap((name) => name ?? []);
  await lockNames(transaction, "principal", asked);
  const other = (await knownBy(transaction, asked)).find(({ id }) => id !== ownId);
  if (!other) return;
  const own = other.directoryId === directory.directoryId;
  const message = own
    ? `${isolated(other.displayName)} of this directory already has this userName or externalId.`
    : takenByOthers;
  const reason = `${isolated(other.displayName)} already has this address or id, and does not belong to the directory.`;
  throw new DirectoryRefusal(
    { code: "Conflict", message },
    entry,
    own
      ? []
      : [
          {
            kind: "NameTaken",
            subject: `${other.id} ${sameNameKey(names.email ?? names.externalId ?? "")}`,
            ...{ principalId: other.id, groupId: null },
            says: `There is ${names.email ?? names.externalId}.`,
          },
        ],
    reason,
  );
}

/**
 * Whether somebody can sign in, now or with something that an administrator issued: a password, a
 * factor, a link to an identity provider, or a way to set one of these up.
 */
async function hasWayIn(transaction: Transaction, userId: string): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM password_credentials WHERE user_id = ${userId}::uuid)
      OR EXISTS (SELECT FROM password_tickets WHERE user_id = ${userId}::uuid AND used_at IS NULL
        AND replaced_at IS NULL AND expires_at > postern_now())
      OR EXISTS (SELECT FROM identity_links WHERE principal_id = ${userId}::uuid)
      OR EXISTS (SELECT FROM identity_link_passes WHERE principal_id = ${userId}::uuid AND expires_at > postern_now())
      OR EXISTS (SELECT FROM factor_passes WHERE user_id = ${userId}::uuid AND used_at IS NULL
        AND replaced_at IS NULL AND expires_at > postern_now())
      OR EXISTS (SELECT FROM totp_factors WHERE user_id = ${userId}::uuid AND removed_at IS NULL)
      OR EXISTS (SELECT FROM passkeys WHERE user_id = ${userId}::uuid AND removed_at IS NULL) AS found`;
  return row?.found ?? false;
}

/** The user that a request describes, and which parts the request contains. */
export interface ToldUser {
  readonly user: UserState;
  readonly tells: { readonly userName: boolean; readonly active: boolean };
}

/**
 * Changes a user, whose row is locked, to what a directory says. Somebody who can sign in here keeps
 * their address, since a token must not redirect their mail and what administrators issue to them.
 * Enabling gives nothing that requires a code.
 */
export async function makeUserSo(
  transaction: Transaction,
  directory: DirectoryCaller,
  before: PrincipalFacts & { readonly directoryNames: UserState["names"] },
  { user, tells }: ToldUser,
): Promise<void> {
  const entry = { ...entryOf(directory, "PrincipalUpdated"), target: before };
  const after = storedNames(user, entry);
  const { directoryId } = directory;
  const changed = (["displayName", "email", "externalId"] as const).filter(
    (name) => before[name] !== after[name],
  );
  if (changed.length > 0) await refuseBreakGlassNames(transaction, before, after, entry);
  if (changed.includes("email") || changed.includes("externalId"))
    await refuseTaken(transaction, directory, before.id, after, entry);
  if (changed.includes("email")) await refuseAddress(transaction, before, after.email, entry);
  if (changed.length > 0 || !sameNames(namesToKeep(user), before.directoryNames)) {
    await transaction.principal.update({
      where: { id: before.id },
      data: { ...after, directoryNames: { ...namesToKeep(user) }, version: { increment: 1 } },
    });
    const pick = (from: PrincipalNames) => Object.fromEntries(changed.map((name) => [name, from[name]]));
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      target: { id: before.id, displayName: after.displayName },
      details: { ...entry.details, before: pick(before), after: pick(after) },
    });
  }
  const named = { id: before.id, displayName: after.displayName };
  if (user.active !== (before.disabledAt === null))
    await (user.active ? enable : disable)(transaction, directory, named);
  if (tells.userName) {
    await settleDrift(transaction, directoryId, ["Address", "NameTaken"], { principalIds: [before.id] });
    await settleDrift(transaction, directoryId, ["BreakGlass"], { subjects: [namesOf(before)] });
  }
  if (tells.active)
    await settleDrift(transaction, directoryId, ["Enable", "Conflict", "LastOwner", "BreakGlass"], {
      principalIds: [before.id],
    });
}

const namesOf = ({ id }: Pick<PrincipalFacts, "id">) => `${id} names`;

/** Refuses to rename a break-glass account: a holder of the directory's token must not decide by what it is known. */
async function refuseBreakGlassNames(
  transaction: Transaction,
  before: PrincipalFacts,
  after: PrincipalNames,
  entry: Entry,
): Promise<void> {
  if (!(await isBreakGlassAccount(transaction, before.id))) return;
  const says = `It is ${isolated(after.displayName)}, ${after.email}${after.externalId ? `, ${after.externalId}` : ""}.`;
  throw new DirectoryRefusal({ code: "Conflict", message: keptFor(before.displayName, "names") }, entry, [
    { kind: "BreakGlass", subject: namesOf(before), principalId: before.id, groupId: null, says },
  ]);
}

/**
 * Refuses to change the address of somebody who can sign in. Their present access makes no difference,
 * because a token could also take them out of its groups first and put them back later.
 */
async function refuseAddress(
  transaction: Transaction,
  before: PrincipalFacts,
  email: string,
  entry: Entry,
): Promise<void> {
  if (!(await hasWayIn(transaction, before.id))) return;
  const access = await privilegesUntilCommit(transaction, [before.id]);
  const message = `${isolated(before.displayName)} signs in here, so an administrator has to confirm the new address ${email}.`;
  throw new DirectoryRefusal(
    { code: "AuthorizationFailed", message },
    { ...entry, details: { ...entry.details, has: privilegeNames(access) } },
    [
      {
        ...{ kind: "Address", subject: `${before.id} ${email}`, principalId: before.id, groupId: null },
        says: `The address is ${email}.`,
      },
    ],
  );
}

interface Named {
  readonly id: string;
  readonly displayName: string;
}

/** Disables a person or group for a directory. The last Owner and break-glass accounts stay (docs/rules.md, rule 11). */
export async function disable(
  transaction: Transaction,
  directory: DirectoryCaller,
  principal: Named,
): Promise<void> {
  const entry = { ...entryOf(directory, "PrincipalDisabled"), target: principal };
  const access = await privilegesUntilCommit(transaction, [principal.id]);
  if (await isBreakGlassAccount(transaction, principal.id)) {
    const message = keptFor(principal.displayName, "disabled");
    const drift = [driftOf("BreakGlass", principal, "disabled")];
    throw new DirectoryRefusal({ code: "Conflict", message }, entry, drift);
  }
  try {
    await disablePrincipalIn(transaction, null, principal, access, entry);
  } catch (thrown) {
    if (!(thrown instanceof Refusal) || thrown.error.code !== "LastOwner") throw thrown;
    throw new DirectoryRefusal(thrown.error, entry, [driftOf("LastOwner", principal, "disabled")]);
  }
}

/** Enables a person or group for a directory, unless that gives something that requires a code, or conflicting roles. */
export async function enable(
  transaction: Transaction,
  directory: DirectoryCaller,
  principal: Named,
): Promise<void> {
  const entry = { ...entryOf(directory, "PrincipalEnabled"), target: principal };
  const access = await privilegesUntilCommit(transaction, [principal.id]);
  await refuseBeyondDirectory(transaction, access, entry, [driftOf("Enable", principal, "enabled")]);
  await refuseConflictsOfDirectory(transaction, [{ groupId: null, memberId: principal.id }], entry, [
    driftOf("Conflict", principal, "enabled"),
  ]);
  await enablePrincipalIn(transaction, principal.id, access, entry);
}

function driftOf(kind: Drift["kind"], { id, displayName }: Named, state: string): Drift {
  const says = `${isolated(displayName)} is ${state}.`;
  return { kind, subject: `${id} ${state}`, principalId: id, groupId: null, says };
}
