import type { PrincipalType } from "@/lib/domain/principal";
import { Refusal } from "@/lib/operations/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/**
 * Refuses an email address or external id by which another principal is known: as its address, external id or id. Two that take one at the same
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
  const keys = [...new Set([names.email, names.externalId].map((name) => name?.toLowerCase()))].sort();
  for (const key of keys) {
    if (key)
      await transaction.$queryRaw`SELECT pg_advisory_xact_lock(7362434, hashtext(lower(${key})))::text`;
  }
  const taken = await transaction.$queryRaw<{ field: string; displayName: string }[]>`
    SELECT 'email' AS field, display_name AS "displayName" FROM principals
    WHERE ${names.type === "User"} AND type = 'User' AND lower(email) = lower(${names.email})
      AND id IS DISTINCT FROM ${names.id}::uuid
    UNION ALL
    SELECT 'email', display_name FROM principals
    WHERE lower(external_id) = lower(${names.email}) AND id IS DISTINCT FROM ${names.id}::uuid
    UNION ALL
    SELECT 'externalId', display_name FROM principals
    WHERE (lower(external_id) = lower(${names.externalId}) OR lower(email) = lower(${names.externalId})
        OR id::text = lower(${names.externalId}))
      AND id IS DISTINCT FROM ${names.id}::uuid`;
  if (taken.length === 0) return;
  const words: Readonly<Record<string, string>> = { email: "email address", externalId: "external id" };
  // One name leads to one principal, whichever kind of name it is (design section 2, rule 12).
  throw new Refusal(
    {
      code: "InvalidInput",
      faults: taken.map(({ field, displayName }) => ({
        field,
        message: `${displayName} is known by this ${words[field]} already.`,
      })),
    },
    entry,
  );
}
