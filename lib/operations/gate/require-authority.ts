import { permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import { beyondAuthority, type Privilege } from "@/lib/domain/gate/privileges";
import type { Permission } from "@/lib/domain/roles/permissions";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** What the caller may do at each resource that these privileges are about. */
export function permissionsOver(
  transaction: Transaction,
  caller: Actor,
  privileges: readonly Privilege[],
): Promise<Map<string, Permission[]>> {
  const resourceIds = [...new Set(privileges.map((each) => each.resourceId))];
  return permissionsUntilCommit(transaction, caller.userId, resourceIds);
}

/**
 * Refuses unless the caller could grant all of these privileges (docs/rules.md, rule 8): assign every role where it
 * is held, edit the settings that name every approver, start every review, and assign what a manager decides about.
 * Deciding who has a principal's privileges is deciding over those privileges.
 */
export async function requireAuthorityOver(
  transaction: Transaction,
  caller: Actor,
  privileges: readonly Privilege[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (privileges.length === 0) return;
  const beyond = beyondAuthority(privileges, await permissionsOver(transaction, caller, privileges));
  if (!beyond) return;
  const { missing, needed, message } = beyond;
  throw new Refusal(
    { code: "AuthorizationFailed", message },
    {
      ...entry,
      details: {
        ...entry.details,
        missingPermission: needed,
        scope: missing.scope,
        ...(missing.assignmentType === "Approver" ? { roleSettings: missing.roleName } : {}),
        ...("reviewId" in missing ? { accessReviewId: missing.reviewId } : {}),
      },
    },
  );
}
