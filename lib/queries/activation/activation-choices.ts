import { strictest } from "@/lib/domain/roles/role-settings";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { pathBelow } from "@/lib/platform/sql/path-below";
import { readOnce } from "@/lib/platform/transaction";
import { activationScopes } from "@/lib/queries/activation/activation-scopes";
import {
  type ActivationTerms,
  settingsOf,
  type TakenColumn,
  takenColumn,
  termsOf,
} from "@/lib/queries/activation/activation-terms";
import { eligibleRows } from "@/lib/queries/activation/my-roles";
import { recentReasons } from "@/lib/queries/activation/recent-reasons";

export interface ActivationChoice extends ActivationTerms {
  readonly id: string;
  readonly displayName: string;
  readonly scope: string;
}

export interface ActivationChoices {
  readonly choices: readonly ActivationChoice[];
  /** Reasons that the caller recently gave for this role, newest first. */
  readonly reasons: readonly string[];
}

export const noChoices: ActivationChoices = { choices: [], reasons: [] };

/**
 * The scopes at which an eligibility may be activated (`activationScopes`), at most fifty. Each has the
 * settings in force there (the strictest of every level between), and what the caller already has of
 * the role there. Empty if the eligibility is not the caller's.
 */
export function activationChoices(
  database: Database,
  caller: Caller,
  asked: { readonly eligibilityId: string; readonly search: string; readonly chosenId: string },
): Promise<ActivationChoices> {
  return readOnce(database, async (transaction) => {
    const [mine] = await eligibleRows(
      transaction,
      caller,
      Prisma.sql`e.id = ${asked.eligibilityId}::uuid`,
      1,
    );
    if (!mine) return noChoices;
    const ids = await activationScopes(transaction, caller, mine, asked);
    const rows = await transaction.$queryRaw<
      { id: string; displayName: string; scope: string; levels: string[]; taken: TakenColumn; now: Date }[]
    >`
      SELECT r.id, r.display_name AS "displayName", r.scope, postern_now() AS now,
        ${takenColumn(caller.userId, Prisma.sql`${mine.roleDefinitionId}::uuid`, Prisma.sql`r.id`)} AS taken,
        (path_ids(r.path))[array_position(path_ids(r.path), top.id):] AS levels FROM resources r
      JOIN resources top ON top.id = ${mine.resourceId}::uuid
      WHERE r.id = ANY (${ids}::uuid[]) AND (r.id = top.id OR ${pathBelow("r.path", "top.path")})
      ORDER BY array_position(${ids}::uuid[], r.id)`;
    const policies = await transaction.roleManagementPolicy.findMany({
      where: {
        roleDefinitionId: mine.roleDefinitionId,
        resourceId: { in: rows.flatMap(({ levels }) => levels) },
      },
    });
    const settingsAt = (resourceId: string) =>
      settingsOf(policies.find((each) => each.resourceId === resourceId));
    const { endsAt } = mine;
    const choices = rows.map(({ id, displayName, scope, levels, ...row }) => {
      const terms = termsOf(strictest(levels.map(settingsAt)), { ...row, endsAt });
      return { id, displayName, scope, ...terms };
    });
    return { choices, reasons: await recentReasons(transaction, caller, [mine.roleDefinitionId]) };
  });
}
