import { Prisma } from "@/lib/platform/generated/client";

/** The settings that judge assignments of a role at a resource, from the database (`direct_settings`). */
export interface DirectSettings {
  readonly eligibleMaximumDays: number | null;
  readonly activeMaximumDays: number | null;
  readonly assignmentRequiresMfa: boolean;
}

/**
 * The column of these settings. It is selected, not joined, so that it is computed for the rows of one page only,
 * after they are sorted.
 */
export function directSettings(roleDefinitionId: Prisma.Sql, resourceId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(SELECT json_build_object('eligibleMaximumDays', m.eligible_maximum_days,
    'activeMaximumDays', m.active_maximum_days, 'assignmentRequiresMfa', m.assignment_requires_mfa)
    FROM direct_settings(${roleDefinitionId}, ${resourceId}) m)`;
}
