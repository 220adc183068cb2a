import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { SignInRules } from "@/lib/domain/people/sign-in-rules";
import { addHours } from "@/lib/domain/time/schedule";
import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import type { Database } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import type { TestDatabase } from "./database/database";

export const rulesNow = (database: Database) => readSignInRules(database.client);

/** Passkeys, and no identity provider that confirms. */
export const passkeysAlone = { passkeys: true, issuers: { any: [], phishingResistant: [] } };

/** The same rules with one change, which can be made again and again. */
export function otherRules(rules: SignInRules): SignInRules {
  return { ...rules, sessionHours: rules.sessionHours === 9 ? 10 : 9 };
}

/** An open one-time pass of a person, written without the verb. Returns the pass. */
export async function openPass(database: Database, userId: string, madeById: string, hours = 24) {
  const { pass, passHash } = makeFactorPass();
  const expiresAt = addHours(await inTransaction(database, databaseNow), hours);
  await database.client.factorPass.create({ data: { userId, passHash, madeById, expiresAt } });
  return pass;
}

/** A reset of a person's factors that waits for a second administrator, written without the verb. Returns its id. */
export async function openReset(database: Database, userId: string, askedById: string, delayHours = 24) {
  const askedAt = await inTransaction(database, databaseNow);
  const data = { userId, askedById, askedAt, takesTwo: true, delayHours };
  return (await database.client.factorReset.create({ data })).id;
}

/** Puts rules in force, without the verb. */
export async function setRules(
  { asOwner }: Pick<TestDatabase, "asOwner">,
  rules: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  const names = Object.keys(rules);
  const set = names.map((name, index) => `${name} = $${index + 1}`).join(", ");
  await asOwner(`UPDATE sign_in_rules SET ${set}`, Object.values(rules));
}
