import { randomUUID } from "node:crypto";
import { encode } from "next-auth/jwt";
import { generateSecret } from "otplib";
import { createSession, type SessionToken } from "@/lib/identity/sessions/sessions";
import { readConfiguration } from "@/lib/platform/configuration";
import { type Database, openDatabase } from "@/lib/platform/database";
import { type EncryptionKeys, seal } from "@/lib/platform/secrets";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import { becomeOwner } from "../support/factories";
import type { Server } from "./server";

export const contributorId = "b24988ac-6180-42a0-ab88-20f7382dd24c";
export const productionScope = "/subscriptions/11111111-1111-4111-8111-111111111111";

/** A person with an authenticator app, an eligibility, and a signed-in session. */
export interface Member {
  readonly userId: string;
  readonly secret: string;
  readonly eligibilityId: string;
  readonly resourceId: string;
  readonly session: SessionToken;
  readonly cookie: string;
}

/** The bench's own connection to the server's database, past the application's role where a test bed is laid. */
export function openServerDatabase(server: Server): Database {
  return openDatabase({ url: server.databaseUrl, maximumConnections: 20 });
}

/** The cookie of a new session of this user, as signing in gives it. */
export async function startSession(server: Server, database: Database, userId: string) {
  const session = await inTransaction(database, (transaction) =>
    createSession(transaction, userId, { ipAddress: "127.0.0.1", userAgent: "bench" }),
  );
  const value = await encode({
    token: { ...session },
    secret: server.sessionSecret,
    salt: "postern-session",
    maxAge: 3_600,
  });
  return { session, cookie: `postern-session=${value}` };
}

/** The keys that the server seals its factors with. */
export function serverKeys(server: Server): EncryptionKeys {
  return readConfiguration({
    NODE_ENV: "test",
    DATABASE_URL: server.databaseUrl,
    POSTERN_URL: server.url,
    POSTERN_SESSION_SECRET: server.sessionSecret,
    POSTERN_ENCRYPTION_KEYS: server.encryptionKeys,
  }).encryptionKeys;
}

/** Members who are eligible for Contributor, where activation takes a code. */
export async function makeMembers(server: Server, database: Database, count: number): Promise<Member[]> {
  const encryptionKeys = serverKeys(server);
  const resource = await database.client.resource.findFirstOrThrow({ where: { scope: productionScope } });
  const members: Member[] = [];
  for (let index = 0; index < count; index += 1) {
    const secret = generateSecret();
    const made = await inTransaction(database, async (transaction) => {
      const now = await databaseNow(transaction);
      await becomeOwner(transaction);
      const user = await transaction.principal.create({
        data: {
          type: "User",
          displayName: `Bench ${index}`,
          email: `bench-${index}-${randomUUID()}@contoso.example`,
        },
      });
      await transaction.totpFactor.create({
        data: { userId: user.id, ...seal(encryptionKeys, secret, user.id), confirmedAt: now },
      });
      const eligibility = await transaction.eligibility.create({
        data: {
          principalId: user.id,
          roleDefinitionId: contributorId,
          resourceId: resource.id,
          startsAt: now,
        },
      });
      return { userId: user.id, eligibilityId: eligibility.id };
    });
    members.push({
      ...made,
      secret,
      resourceId: resource.id,
      ...(await startSession(server, database, made.userId)),
    });
  }
  return members;
}
