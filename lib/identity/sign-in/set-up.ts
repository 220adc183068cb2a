import { createHash } from "node:crypto";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { setUpPassHours } from "@/lib/domain/people/factor-pass";
import { readPrincipalNames } from "@/lib/domain/people/principal";
import { addHours } from "@/lib/domain/time/schedule";
import { recordWrongToken, tokensAreRefused } from "@/lib/identity/attempts/token-guesses";
import { hashPassword, turnOf } from "@/lib/identity/passwords/password";
import { passwordFault } from "@/lib/identity/passwords/weak-password";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { busyMessage, inSignInTurn } from "@/lib/identity/sessions/sign-in-turns";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

interface SetUpInput {
  readonly token: string;
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
}

export type SetUpResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly field?: "password" };

const wrongToken: SetUpResult = {
  ok: false,
  message: "This set-up address is no longer valid. Start Postern again for a new one, or sign in.",
};

/**
 * Creates the first Owner, for whoever has a token that the server printed at start. Refused if the token is wrong,
 * or an Owner exists. Its use ends all tokens.
 */
export function setUpFirstOwner(database: Database, input: SetUpInput, origin: Origin): Promise<SetUpResult> {
  return inSignInTurn(origin, () => setUp(database, input, origin), { ok: false, message: busyMessage });
}

async function setUp(database: Database, input: SetUpInput, origin: Origin): Promise<SetUpResult> {
  const digest = new Uint8Array(createHash("sha256").update(input.token).digest());
  if (!(await tokensAreRefused(database, origin)) && (await isSetUpToken(database, digest))) {
    const about = [input.displayName, input.email];
    const weak = await passwordFault(database, input.password, about, turnOf(origin));
    if (weak !== null) return { ok: false, field: "password", message: weak };
    if (await makeFirstOwner(database, input, digest, origin)) return { ok: true };
  }
  await recordWrongToken(database, origin, "OwnerSetUp");
  return wrongToken;
}

/** Whether the first Owner is still to be created. */
export async function isSetUpOpen(database: Database): Promise<boolean> {
  const rows = await database.client.$queryRaw<unknown[]>`
    SELECT 1 FROM installation
    WHERE setup_token_hashes <> '{}' AND NOT EXISTS (SELECT FROM assignments)`;
  return rows.length > 0;
}

/** Checked before the password is hashed, which is costly. */
async function isSetUpToken(database: Database, digest: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const rows = await database.client.$queryRaw<unknown[]>`
    SELECT 1 FROM installation
    WHERE ${digest} = ANY (setup_token_hashes) AND NOT EXISTS (SELECT FROM assignments)`;
  return rows.length > 0;
}

async function makeFirstOwner(
  database: Database,
  input: SetUpInput,
  digest: Uint8Array<ArrayBuffer>,
  origin: Origin,
): Promise<boolean> {
  const read = readPrincipalNames({ ...input, externalId: null });
  if (!read.ok || read.names.email === null) return false;
  const hash = await hashPassword(input.password, turnOf(origin));
  return inTransaction(database, async (transaction) => {
    const spent = await transaction.$executeRaw`
      UPDATE installation SET setup_token_hashes = '{}'
      WHERE ${digest} = ANY (setup_token_hashes) AND NOT EXISTS (SELECT FROM assignments)`;
    if (spent !== 1) return false;
    const resource = await transaction.resource.findFirstOrThrow({ where: { parentId: null } });
    const { displayName, email } = read.names;
    const user = await transaction.principal.create({
      data: { type: "User", displayName, email },
    });
    await transaction.passwordCredential.create({ data: { userId: user.id, hash } });
    // The set-up address counts as the pass for the Owner's first factor: nobody else could make one.
    await transaction.factorPass.create({
      data: {
        userId: user.id,
        passHash: digest,
        expiresAt: addHours(await databaseNow(transaction), setUpPassHours),
      },
    });
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
      caller: { userId: user.id, displayName, ...origin },
      target: user,
      role: { id: ownerRoleId, roleName: "Owner" },
      resource,
      assignmentId: assignment.id,
    });
    return true;
  });
}
