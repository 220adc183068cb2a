import { randomBytes, randomUUID } from "node:crypto";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { Permission } from "@/lib/domain/roles/permissions";
import { addMinutes } from "@/lib/domain/time/schedule";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { operationDigest } from "@/lib/platform/operation-digest";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/**
 * Lets this transaction write as the owner of the tables, beyond the application's rights, for the setup of a test or
 * for changes behind the application's back.
 */
export async function becomeOwner(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SET LOCAL ROLE NONE`;
}

/**
 * Writes without any check, beyond the application's rights, for the setup of a test or for changes behind its back.
 */
export function pastTheRules<Result>(
  database: Database,
  write: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return inTransaction(database, async (transaction) => {
    await becomeOwner(transaction);
    return write(transaction);
  });
}

export async function makeUser(database: Database, displayName = "Ada Byron") {
  const email = `${randomUUID()}@contoso.example`;
  return database.client.principal.create({ data: { type: "User", displayName, email } });
}

/** Text about people, without the addresses that differ in each run. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(/ \(([0-9a-f-]{36}@contoso\.example|Group …[0-9a-f]{12})\)/g, "");
}

export async function makeGroup(database: Database, memberIds: string[], displayName = "Operators") {
  const group = await database.client.principal.create({ data: { type: "Group", displayName } });
  await database.client.groupMember.createMany({
    data: memberIds.map((memberId) => ({ groupId: group.id, memberId })),
  });
  return group;
}

/** Root, a subscription below it, and a resource group below that. */
export async function makeTree(database: Database) {
  const make = (parentId: string | null, scope: string, displayName: string, resourceType: string) =>
    database.client.resource.create({ data: { parentId, scope, displayName, resourceType } });
  const root = await make(null, "/", "Contoso", "root");
  const subscription = await make(
    root.id,
    `/subscriptions/${randomUUID()}`,
    "Production",
    "Microsoft.Resources/subscriptions",
  );
  const group = await make(
    subscription.id,
    `${subscription.scope}/resourceGroups/web`,
    "web",
    "Microsoft.Resources/resourceGroups",
  );
  return { root, subscription, group };
}

/** A role in Azure's form. With Owner's real id on request, since one rule names it. */
export async function makeRole(
  database: Database,
  roleName: string,
  permission: Partial<Permission>,
  id?: string,
) {
  const permissions = [{ actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission }];
  return database.client.roleDefinition.create({
    data: {
      ...(id ? { id } : {}),
      roleName,
      description: roleName,
      roleType: "BuiltInRole",
      permissions: permissions.map((each) => ({ ...each })),
      assignableScopes: ["/"],
    },
  });
}

export const makeOwnerRole = (database: Database) =>
  makeRole(database, "Owner", { actions: ["*"] }, ownerRoleId);

/** A signed-in session of the user, as the caller of operations. */
export async function makeCaller(
  database: Database,
  user: { id: string; displayName: string; email: string | null },
): Promise<Caller> {
  const session = await inTransaction(database, async (transaction) =>
    transaction.session.create({
      data: {
        userId: user.id,
        secretHash: randomBytes(32),
        expiresAt: addMinutes(await databaseNow(transaction), 720),
        ipAddress: "192.0.2.7",
        userAgent: "test",
      },
    }),
  );
  return {
    userId: user.id,
    displayName: user.displayName,
    email: user.email ?? "",
    sessionId: session.id,
    ipAddress: "192.0.2.7",
    userAgent: "test",
    correlationId: randomUUID(),
  };
}

/** Creates access directly, without any check, for the setup of a test. */
export async function grant(
  database: Database,
  kind: "eligible" | "active",
  principalId: string,
  roleDefinitionId: string,
  resourceId: string,
  times: { startsAt?: Date; endsAt?: Date | null } = {},
) {
  return inTransaction(database, async (transaction) => {
    const startsAt = times.startsAt ?? addMinutes(await databaseNow(transaction), -60);
    const data = { principalId, roleDefinitionId, resourceId, startsAt, endsAt: times.endsAt ?? null };
    await becomeOwner(transaction);
    return kind === "eligible"
      ? transaction.eligibility.create({ data })
      : transaction.assignment.create({ data: { ...data, assignmentType: "Assigned" } });
  });
}

/** An activation of an eligibility at its own scope, for a number of minutes, without any check. */
export async function makeActivation(
  transaction: Transaction,
  eligibility: {
    readonly id: string;
    readonly principalId: string;
    readonly roleDefinitionId: string;
    readonly resourceId: string;
  },
  startsAt: Date,
  minutes: number,
) {
  const { id: eligibilityId, principalId, roleDefinitionId, resourceId } = eligibility;
  const of = { eligibilityId, principalId, roleDefinitionId, resourceId };
  const endsAt = addMinutes(startsAt, minutes);
  await becomeOwner(transaction);
  return transaction.assignment.create({ data: { ...of, assignmentType: "Activated", startsAt, endsAt } });
}

/** An answered challenge for the operation, as lib/identity leaves it. */
export async function makeProof(
  database: Database,
  caller: Caller,
  operation: ProtectedOperation,
  method: StepUpMethod = "Totp",
): Promise<string> {
  return inTransaction(database, async (transaction) => {
    const now = await databaseNow(transaction);
    const digest = operationDigest(operation);
    const common = { userId: caller.userId, sessionId: caller.sessionId, operationDigest: digest };
    const expiresAt = addMinutes(now, 5);
    const challenge = await transaction.stepUpChallenge.create({
      data: { ...common, operation: { kind: operation.kind }, expiresAt },
    });
    await becomeOwner(transaction);
    const link = /Provider$/.test(method)
      ? await transaction.identityLink.create({
          data: { principalId: caller.userId, issuer: "https://id.example", subject: challenge.id },
        })
      : null;
    const proof = await transaction.stepUpProof.create({
      data: { ...common, challengeId: challenge.id, method, identityLinkId: link?.id, expiresAt },
    });
    return proof.id;
  });
}
