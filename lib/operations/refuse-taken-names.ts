import type { PrincipalType } from "@/lib/domain/principal";
import { Refusal } from "@/lib/operations/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/**
 * Refuses an email address or external id that another principal has, naming the field. Two that take one at the same
 * time meet here as well: each name is locked until its transaction ends.
 */
export async function refuseTakenNames(
  transaction: Transaction,
  names: {
    readonly id: string | null;
    readonly type: PrincipalType;
    readonly email: string | null;
    readonly externalId: string | null;
  },
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const keys = [names.email && `email ${names.email}`, names.externalId && `external ${names.externalId}`];
  for (const key of keys) {
    if (key)
      await transaction.$queryRaw`SELECT pg_advisory_xact_lock(7362434, hashtext(lower(${key})))::text`;
  }
  const taken = await transaction.$queryRaw<{ field: string; displayName: string }[]>`
    SELECT 'email' AS field, display_name AS "displayName" FROM principals
    WHERE ${names.type === "User"} AND type = 'User' AND lower(email) = lower(${names.email})
      AND id IS DISTINCT FROM ${names.id}::uuid
    UNION ALL
    SELECT 'externalId', display_name FROM principals
    WHERE lower(external_id) = lower(${names.externalId}) AND id IS DISTINCT FROM ${names.id}::uuid`;
  if (taken.length === 0) return;
  const words: Readonly<Record<string, string>> = { email: "email address", externalId: "external id" };
  throw new Refusal(
    {
      code: "InvalidInput",
      faults: taken.map(({ field, displayName }) => ({
        field,
        message: `${displayName} has this ${words[field]} already.`,
      })),
    },
    entry,
  );
}
