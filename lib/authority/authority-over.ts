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
 * Whether an administrator could manage somebody with all that they have now, after activating a role if need be: for what
 * was issued or asked for hours ago, since what they activated for it has mostly ended. A yes holds until the commit.
 */
export async function couldManage(
  transaction: Transaction,
  administratorId: string,
  personId: string,
): Promise<boolean> {
  const standing = "held or eligible";
  const root = await rootResource(transaction);
  if (!(await mayUntilCommit(transaction, administratorId, action.writePrincipals, root.id, standing)))
    return false;
  const access = await privilegesUntilCommit(transaction, [personId]);
  const places = [...new Set(access.map(({ resourceId }) => resourceId))];
  const permissions = await permissionsUntilCommit(transaction, administratorId, places, standing);
  return !beyondAuthority(access, permissions);
}
