import type { AssignmentRules } from "@/lib/domain/roles/assignment-rules";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";

/** The settings that judge assignments of a role at a resource, from the database (`direct_settings`). */
export type DirectSettings = AssignmentRules;

/**
 * The column with these settings. It is selected, not joined, so that it is computed only for the rows
 * of one page, after they are sorted.
 */
export function directSettings(roleDefinitionId: Prisma.Sql, resourceId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(SELECT json_build_object('eligibleMaximumDays', m.eligible_maximum_days,
    'activeMaximumDays', m.active_maximum_days, 'assignmentRequiresMfa', m.assignment_requires_mfa,
    'assignmentPhishingResistant', m.assignment_phishing_resistant, 'writesAuthorization',
    (SELECT judged.writes_authorization FROM role_definitions judged WHERE judged.id = ${roleDefinitionId}))
    FROM direct_settings(${roleDefinitionId}, ${resourceId}) m)`;
}

/** The same of several roles, each at a resource, in their order. */
export function settingsOfEach(
  transaction: Pick<Transaction, "$queryRaw">,
  asked: readonly { readonly roleDefinitionId: string; readonly resourceId: string }[],
): Promise<DirectSettings[]> {
  return transaction.$queryRaw<{ settings: DirectSettings }[]>`
      SELECT ${directSettings(Prisma.sql`each.role_id`, Prisma.sql`each.resource_id`)} AS settings
      FROM unnest(${asked.map((each) => each.roleDefinitionId)}::uuid[],
        ${asked.map((each) => each.resourceId)}::uuid[])
        WITH ORDINALITY AS each (role_id, resource_id, number) ORDER BY each.number`.then((rows) =>
    rows.map(({ settings }) => settings),
  );
}

export function readDirectSettings(
  database: Database,
  asked: Parameters<typeof settingsOfEach>[1],
): Promise<DirectSettings[]> {
  return readOnce(database, (transaction) => settingsOfEach(transaction, asked));
}
