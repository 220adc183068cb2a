import type { SignInRules } from "@/lib/domain/people/sign-in-rules";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

export const signInRulesColumns = Prisma.sql`installation_name AS "installationName", session_hours AS "sessionHours",
  idle_minutes AS "idleMinutes", recovery_codes_confirm AS "recoveryCodesConfirm",
  authenticator_apps_confirm AS "authenticatorAppsConfirm",
  minimum_password_length AS "minimumPasswordLength", first_factor AS "firstFactor",
  factor_waits_hours AS "factorWaitsHours", reset_delay_hours AS "resetDelayHours", reset_takes_two AS "resetTakesTwo",
  sign_in_takes_two AS "signInTakesTwo", local_passwords AS "localPasswords", version`;

const locks = {
  none: Prisma.empty,
  shared: Prisma.sql`FOR SHARE`,
  locked: Prisma.sql`FOR UPDATE`,
} as const;

/** The organisation's sign-in rules in force now. With a lock they stay in force until the commit. */
export async function readSignInRules(
  transaction: Pick<Transaction, "$queryRaw">,
  lock: keyof typeof locks = "none",
): Promise<SignInRules & { readonly version: number }> {
  const [row] = await transaction.$queryRaw<(SignInRules & { version: number })[]>`
    SELECT ${signInRulesColumns} FROM sign_in_rules
    WHERE id = 1 ${locks[lock]}`;
  if (!row) throw new Error("there are no sign-in rules");
  return row;
}
