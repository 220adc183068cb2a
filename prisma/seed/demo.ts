import { generateSync } from "otplib";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { createSession } from "@/lib/identity/sessions/sessions";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { inTransaction } from "@/lib/platform/transaction";
import type { Organisation, Person } from "./organisation";

/** The built-in roles of the demo, by their real ids. */
export const roles = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  keyVaultAdministrator: "00482a5a-887f-4fb3-b363-3b7fe8e74483",
  userAccessAdministrator: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
};

export type Demo = ReturnType<typeof openDemo>;

/** The tools of every part of the history: the organisation by its names, its clock, and people who act in it. */
export function openDemo(
  database: Database,
  keys: EncryptionKeys,
  organisation: Organisation,
  clock: { now: Date },
) {
  const known = <Found>(found: Found | undefined, name: string): Found => {
    if (found === undefined) throw new Error(`the demo organisation has no ${name}`);
    return found;
  };
  return {
    database,
    clock,
    people: organisation.people,
    resource: (name: string) => known(organisation.resources.get(name), name),
    group: (name: string) => known(organisation.groups.get(name), name),
    /** The person of a demo account. */
    key: (name: string) => known(organisation.byKey.get(name), name),
    colleague: (name: string) =>
      known(
        organisation.people.find((person) => person.displayName === name),
        name,
      ),
    /** A session of the person, from an address of their own. */
    callerOf: async (person: Person): Promise<Caller> => {
      const origin = {
        ipAddress: `192.0.2.${10 + organisation.people.indexOf(person)}`,
        userAgent: "Demo history",
      };
      const session = await inTransaction(database, (transaction) =>
        createSession(transaction, person.id, origin),
      );
      return {
        userId: person.id,
        displayName: person.displayName,
        email: person.email,
        sessionId: session.sessionId,
        ...origin,
        correlationId: crypto.randomUUID(),
      };
    },
    /** Types a code for an operation, the right one if no other is given; null if it was refused. */
    prove: async (
      person: Person,
      caller: Caller,
      operation: ProtectedOperation,
      typed?: string,
    ): Promise<string | null> => {
      const challenge = await createChallenge(database, caller, operation);
      const epoch = Math.floor(clock.now.getTime() / 1000);
      const code = typed ?? generateSync({ secret: person.totpSecret ?? "", epoch });
      const met =
        challenge &&
        (await meetChallenge(database, keys, caller, { challengeId: challenge.challengeId, code }));
      return met?.ok ? met.proofId : null;
    },
    must: (result: { ok: boolean; error?: unknown }) => {
      if (!result.ok) throw new Error(`the demo history was refused: ${JSON.stringify(result.error)}`);
    },
  };
}
