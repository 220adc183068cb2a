import { type ResourceFacts, visibleResource } from "@/lib/authority/authority";
import { mayUntilCommit } from "@/lib/authority/rights-until-commit";
import type { Action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/**
 * Refuses unless the caller has the permission at the resource now and until the commit (docs/rules.md,
 * rule 8). A caller who may not know of the resource gets the answer for an unknown one. The log entry
 * says the same, since callers may read their own entries.
 */
export async function requirePermission(
  transaction: Transaction,
  caller: Actor,
  operation: Action,
  resource: ResourceFacts,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (await mayUntilCommit(transaction, caller.userId, operation, resource.id)) return;
  if ((await visibleResource(transaction, caller.userId, resource.id)) === null) {
    throw new Refusal(notFound, null);
  }
  throw new Refusal(
    {
      code: "AuthorizationFailed",
      message: `You do not have authorization to perform ${operation} over ${resource.scope}.`,
    },
    { ...entry, details: { missingPermission: operation } },
  );
}
