import { rootResource } from "@/lib/authority/authority";
import {
  mayUntilCommit,
  permissionsUntilCommit,
  privilegesUntilCommit,
} from "@/lib/authority/rights-until-commit";
import { beyondAuthority } from "@/lib/domain/gate/privileges";
import { action } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether an administrator can still answer for what they issued, or asked for, at a moment: by what they hold now, and by
 * what they had activated then and may still activate, since that has mostly ended. Nothing else that they are eligible for
 * counts: its activation may have taken a code, or somebody's approval. A yes holds until the commit.
 */
export async function couldManage(
  transaction: Transaction,
  administratorId: string,
  personId: string,
  issuedAt: Date,
): Promise<boolean> {
  const root = await rootResource(transaction);
  if (!(await mayUntilCommit(transaction, administratorId, action.writePrincipals, root.id, issuedAt)))
    return false;
  const access = await privilegesUntilCommit(transaction, [personId]);
  const places = [...new Set(access.map(({ resourceId }) => resourceId))];
  const permissions = await permissionsUntilCommit(transaction, administratorId, places, issuedAt);
  return !beyondAuthority(access, permissions);
}
