import { pathsAllowing } from "@/lib/authority/authority";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { AccessRow } from "@/lib/queries/assignments/access-search";
import { atOrBelow } from "@/lib/queries/resources/paths";

/** A principal as a file names it, without former names. */
type NamedPrincipal = Pick<PrincipalIdentity, "id" | "displayName" | "email">;

/** The request that created the access. */
interface Origin {
  readonly requestId: string | null;
  readonly requestType: string | null;
  readonly requestedBy: NamedPrincipal | null;
  readonly approvedBy: readonly NamedPrincipal[];
  readonly justification: string | null;
  readonly ticketSystem: string | null;
  readonly ticketNumber: string | null;
}

interface AccessDetails extends Origin {
  readonly createdAt: Date;
  readonly removedAt: Date | null;
  readonly origin: string;
  /** The eligibility that an activation rests on. */
  readonly eligibilityId: string | null;
  /** The group whose eligibility it is. */
  readonly throughGroup: NamedPrincipal | null;
}

/** Access as an export shows it, with how, by whom and through which group it was created. */
export type ExportedAccess = AccessRow & AccessDetails;

/**
 * The rows of one batch with their details, in their order. A request is shown where the caller may
 * read assignments. For inherited access from above their own reach, no request is shown.
 */
export async function withDetails(
  transaction: Transaction,
  userId: string,
  rows: readonly AccessRow[],
): Promise<ExportedAccess[]> {
  if (rows.length === 0) return [];
  const readable = atOrBelow(await pathsAllowing(transaction, userId, action.readAssignments));
  const ids = (eligible: boolean) =>
    rows.filter(({ state }) => (state === "Eligible") === eligible).map(({ id }) => id);
  const found = await transaction.$queryRaw<({ id: string } & AccessDetails)[]>`
    SELECT x.id, x.created_at AS "createdAt", x.removed_at AS "removedAt", x.origin::text AS origin,
      NULL::uuid AS "eligibilityId", NULL::jsonb AS "throughGroup", ${requestColumns}
    FROM eligibilities x ${requestOf("eligibility", readable)}
    WHERE x.id = ANY (${ids(true)}::uuid[])
    UNION ALL
    SELECT x.id, x.created_at, x.removed_at, x.origin::text, x.eligibility_id,
      CASE WHEN g.id IS NOT NULL THEN ${named("g")} END, ${requestColumns}
    FROM assignments x
    LEFT JOIN eligibilities e ON e.id = x.eligibility_id
    LEFT JOIN principals g ON g.id = e.principal_id AND g.type = 'Group'
    ${requestOf("assignment", readable)}
    WHERE x.id = ANY (${ids(false)}::uuid[])`;
  const details = new Map(found.map((each) => [each.id, each]));
  return rows.flatMap((row) => {
    const known = details.get(row.id);
    return known ? [{ ...row, ...known }] : [];
  });
}

function named(alias: "a" | "by" | "g"): Prisma.Sql {
  const of = Prisma.raw(alias);
  return Prisma.sql`jsonb_build_object('id', ${of}.id, 'displayName', ${of}.display_name, 'email', ${of}.email)`;
}

const requestColumns = Prisma.sql`
  q.id AS "requestId", q.request_type::text AS "requestType",
  CASE WHEN by.id IS NOT NULL THEN ${named("by")} END AS "requestedBy",
  (SELECT coalesce(jsonb_agg(${named("a")} ORDER BY c.decided_at, c.id), '[]')
    FROM request_decisions c JOIN principals a ON a.id = c.decider_id
    WHERE c.request_id = q.id AND c.decision = 'Approve') AS "approvedBy",
  q.justification, q.ticket_system AS "ticketSystem", q.ticket_number AS "ticketNumber"`;

/**
 * Joins the request `q` that created the row `x`, and the person who asked for it as `by`: an assignment or
 * activation of this row, or what turned or renewed another row into it. A later change of the row did not create it.
 */
function requestOf(kind: "eligibility" | "assignment", readable: Prisma.Sql): Prisma.Sql {
  const own = Prisma.raw(`${kind}_id`);
  const made =
    kind === "eligibility" ? Prisma.sql`('AdminAssign')` : Prisma.sql`('AdminAssign', 'SelfActivate')`;
  return Prisma.sql`
    LEFT JOIN LATERAL (
      SELECT q.* FROM (
        SELECT * FROM requests WHERE ${own} = x.id AND request_type IN ${made}
        UNION ALL
        SELECT * FROM requests WHERE ${Prisma.raw(`resulting_${kind}_id`)} = x.id AND ${own} IS DISTINCT FROM x.id
      ) q JOIN resources r ON r.id = q.resource_id AND ${readable}
      ORDER BY q.created_at, q.id LIMIT 1) q ON TRUE
    LEFT JOIN principals by ON by.id = q.requestor_id`;
}
