import type { SignInRules } from "@/lib/domain/people/sign-in-rules";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

export const signInRulesColumns = Prisma.sql`installation_name AS "installationName", session_hours AS "sessionHours",
  idle_minutes AS "idleMinutes", recovery_codes_confirm AS "recoveryCodesConfirm",
  minimum_password_length AS "minimumPasswordLength", version`;

/** The organisation's rules for signing in that are in force now. With `locked` they stay so until the commit. */
export async function readSignInRules(
  transaction: Pick<Transaction, "$queryRaw">,
  locked: "locked" | "unlocked" = "unlocked",
): Promise<SignInRules & { readonly version: number }> {
  const [row] = await transaction.$queryRaw<(SignInRules & { version: number })[]>`
    SELECT ${signInRulesColumns} FROM sign_in_rules
    WHERE id = 1 ${locked === "locked" ? Prisma.sql`FOR UPDATE` : Prisma.empty}`;
  if (!row) throw new Error("there are no sign-in rules");
  return row;
}
