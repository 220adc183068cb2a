import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { SignInRules } from "@/lib/domain/people/sign-in-rules";
import type { Database } from "@/lib/platform/database";
import type { TestDatabase } from "./database";

export const rulesNow = (database: Database) => readSignInRules(database.client);

/** The same rules with one change, which can be made again and again. */
export function otherRules(rules: SignInRules): SignInRules {
  return { ...rules, sessionHours: rules.sessionHours === 9 ? 10 : 9 };
}

/** Puts rules in force, past the verb. */
export async function setRules(
  { asOwner }: Pick<TestDatabase, "asOwner">,
  rules: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  const names = Object.keys(rules);
  const set = names.map((name, index) => `${name} = $${index + 1}`).join(", ");
  await asOwner(`UPDATE sign_in_rules SET ${set}`, Object.values(rules));
}
