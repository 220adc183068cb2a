import { principalRecord } from "@/lib/domain/people/principal-identity";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Transaction } from "@/lib/platform/database";

/** The present names and addresses of everybody that settings name, for the log. */
export async function approverNames(
  transaction: Transaction,
  settings: readonly Pick<RoleSettings, "approvalStages">[],
): Promise<Record<string, string>> {
  const ids = namedApprovers(settings.flatMap((each) => each.approvalStages));
  if (ids.length === 0) return {};
  const found = await transaction.principal.findMany({
    where: { id: { in: ids } },
    select: { id: true, displayName: true, email: true },
    take: ids.length,
  });
  return Object.fromEntries(found.map((each) => [each.id, principalRecord(each)]));
}
