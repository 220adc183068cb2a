import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** Creates the first Owner, without a password. `origin` is null if the operator of the server does it. */
export async function createFirstOwner(
  transaction: Transaction,
  { displayName, email }: { readonly displayName: string; readonly email: string },
  origin: Origin | null,
): Promise<{ readonly id: string }> {
  const resource = await transaction.resource.findFirstOrThrow({ where: { parentId: null } });
  const user = await transaction.principal.create({ data: { type: "User", displayName, email } });
  const assignment = await transaction.assignment.create({
    data: {
      principalId: user.id,
      roleDefinitionId: ownerRoleId,
      resourceId: resource.id,
      assignmentType: "Assigned",
      startsAt: await databaseNow(transaction),
    },
  });
  await recordAuditEvent(transaction, {
    kind: "OwnerSetUp",
    outcome: "Success",
    caller: origin ? { userId: user.id, displayName, ...origin } : {},
    target: user,
    role: { id: ownerRoleId, roleName: "Owner" },
    resource,
    assignmentId: assignment.id,
    ...(origin ? {} : { details: { byOperator: true } }),
  });
  return user;
}
