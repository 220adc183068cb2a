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
 * Whether an administrator still has the authority for something they issued or asked for at a moment.
 * It counts what they hold now, and what they had activated at that moment and may still activate,
 * since most activations have ended by now. No other eligibility counts, because activating it may
 * require a code or an approval. A yes holds until the commit.
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
