import { z } from "zod";
import { decidableBy } from "@/lib/authority/decision-authority";
import { extendsActivation } from "@/lib/authority/request-basis";
import { approvalsOfOpenStages } from "@/lib/authority/stage-approvals";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { FoundWaiting } from "@/lib/domain/requests/waiting";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import { databaseNow, readOnce } from "@/lib/platform/transaction";

export const approvalsPageSize = 20;

/** A request that waits for the caller, with what they need to decide on it. */
export interface RequestToDecide {
  readonly id: string;
  readonly createdAt: Date;
  /** When the member proved a factor, and how long ago. Null if they asked without one. */
  readonly provedAt: Date | null;
  readonly provedMinutesAgo: number | null;
  readonly member: PrincipalIdentity;
  readonly roleName: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  /** Null: from the approval. */
  readonly startsAt: Date | null;
  readonly durationMinutes: number;
  /** The running activation that it extends: its end now, and the one asked for; null for a request to activate. */
  readonly extends: { readonly presentEnd: Date; readonly endsAt: Date } | null;
  /** The settings in force require a new code of the member after approval, before anything starts. */
  readonly codeAfterApproval: boolean;
  /** The member holds the role there already. */
  readonly held: boolean;
  /** Their eligibility ends before the requested end; that end. Otherwise null. */
  readonly eligibleUntil: Date | null;
  readonly expiresAt: Date;
  readonly escalated: boolean;
  /** Counted from 1. */
  readonly stage: number;
  readonly stages: number;
  readonly approvalsNeeded: number;
  /** The approvals that count. */
  readonly approvalsGiven: number;
  readonly requiresStepUp: boolean;
  /** Too few approvers can decide, so an administrator may. */
  readonly asAdministrator: boolean;
  /** The users and groups who are asked now, by name, including the caller. */
  readonly deciders: readonly PrincipalIdentity[];
  readonly decisions: readonly {
    readonly by: PrincipalIdentity;
    readonly stage: number;
    readonly justification: string;
    /** Approvals of the open stage that no longer count, since the person is no longer an approver. */
    readonly counts: boolean;
  }[];
  /** The member's last activations of this role here, newest first; at most three. */
  readonly recent: readonly { readonly startsAt: Date; readonly endsAt: Date }[];
  /** How many there were in the last ninety days. */
  readonly recentCount: number;
}

type PageRow = Omit<RequestToDecide, "recent" | "decisions" | "approvalsGiven" | "extends"> & {
  readonly presentEnd: Date | null;
  readonly newEnd: Date | null;
  readonly recent: unknown;
  readonly decisions: readonly (Omit<RequestToDecide["decisions"][number], "counts"> & {
    readonly id: string;
  })[];
};

const moments = z.array(z.object({ startsAt: z.coerce.date(), endsAt: z.coerce.date() }));

/** How many waiting requests a search examines before it examines all. */
const searchedFirst = 300;

/** Which of the requests: those that match a search, those after one of them, or a single one. */
export interface RequestsFilter {
  readonly search: string;
  readonly after: string | null;
  readonly only?: string;
}

/**
 * The requests that wait for the caller's decision, oldest first, twenty a page. `after` is the id of
 * the last one shown. A search examines the `first` waiting requests before all of them.
 */
export function requestsToDecide(
  database: Database,
  caller: Caller,
  filter: RequestsFilter,
  first = searchedFirst,
): Promise<{ now: Date; rows: RequestToDecide[] }> {
  return readOnce(database, async (transaction) => ({
    rows: await withApprovals(transaction, await rowsToDecide(transaction, caller, filter, first)),
    now: await databaseNow(transaction),
  }));
}

/** The first few of the requests that were just found to wait for the caller, oldest first. */
export function firstToDecide(
  database: Database,
  caller: Caller,
  found: FoundWaiting,
  most: number,
): Promise<RequestToDecide[]> {
  if (found.userId !== caller.userId) throw new Error("what was found waits for somebody else");
  const ids = found.activations.slice(0, most);
  const administrating = ids.map((id) => found.asAdministrator.includes(id));
  return readOnce(database, async (transaction) =>
    ids.length === 0
      ? []
      : withApprovals(
          transaction,
          await pageOf(
            transaction,
            Prisma.sql`SELECT * FROM unnest(${ids}::uuid[], ${administrating}::boolean[])
              AS first (request_id, as_administrator)`,
            planOnce,
          ),
        ),
  );
}

/** The rows with the approvals that count of their open stages. */
async function withApprovals(transaction: Transaction, rows: readonly PageRow[]): Promise<RequestToDecide[]> {
  const given = await approvalsOfOpenStages(
    transaction,
    rows.filter((row) => row.decisions.length > 0).map((row) => row.id),
  );
  const lapsed = new Set(given.flatMap((each) => (each.counts ? [] : [each.decisionId])));
  return rows.map(({ presentEnd, newEnd, ...row }) => ({
    ...row,
    extends: presentEnd && newEnd && { presentEnd, endsAt: newEnd },
    recent: moments.parse(row.recent),
    decisions: row.decisions.map(({ id, ...rest }) => ({ ...rest, counts: !lapsed.has(id) })),
    approvalsGiven: given.filter((each) => each.requestId === row.id && each.counts).length,
  }));
}

/** The page of waiting requests: by the index without a search, and otherwise as `requestsToDecide` says. */
async function rowsToDecide(
  transaction: Transaction,
  caller: Caller,
  { search, after, only }: RequestsFilter,
  first: number,
): Promise<PageRow[]> {
  const page = { after, limit: approvalsPageSize };
  const read = async (among?: Prisma.Sql) =>
    pageOf(
      transaction,
      await decidableBy(transaction, caller.userId, { ...page, among }),
      among ? Prisma.empty : planOnce,
    );
  if (only !== undefined) return read(Prisma.sql`SELECT ${only}::uuid`);
  if (search === "") return read();
  const found = (from: Prisma.Sql) => Prisma.sql`
    SELECT q.id FROM ${from} q
    JOIN principals p ON p.id = q.principal_id JOIN role_definitions d ON d.id = q.role_definition_id
    JOIN resources s ON s.id = q.resource_id
    WHERE concat_ws(' ', p.display_name, p.email, d.role_name, s.display_name) ILIKE ${containing(search)} OFFSET 0`;
  const waiting = Prisma.sql`SELECT * FROM requests
    WHERE status = 'PendingApproval' AND (${after}::uuid IS NULL OR id > ${after}::uuid)`;
  const near = await read(found(Prisma.sql`(${waiting} ORDER BY id LIMIT ${first})`));
  if (near.length === approvalsPageSize) return near;
  const [rest] = await transaction.$queryRaw<{ any: boolean }[]>`
    SELECT EXISTS (${waiting} ORDER BY id OFFSET ${first}) AS any`;
  return rest?.any ? read(found(Prisma.sql`(${waiting})`)) : near;
}

/** The details of the requests of a page, looked up only for those. */
function pageOf(transaction: Transaction, decidable: Prisma.Sql, planned: Prisma.Sql): Promise<PageRow[]> {
  return transaction.$queryRaw<PageRow[]>`
    ${planned} WITH page AS MATERIALIZED (${decidable})
    SELECT q.id, q.created_at AS "createdAt", proof.spent_at AS "provedAt",
      floor(extract(epoch FROM postern_now() - proof.spent_at) / 60)::int AS "provedMinutesAgo", ${identityColumn("p")} AS member, d.role_name AS "roleName",
      s.display_name AS "resourceName", s.scope, q.justification, q.ticket_number AS "ticketNumber",
      q.ticket_system AS "ticketSystem", q.starts_at AS "startsAt", q.duration_minutes AS "durationMinutes",
      coalesce((
        SELECT bool_or(p.provisioning_requires_mfa) AND bool_or(p.approval_required)
          AND (bool_or(p.activation_requires_mfa) OR count(*) < cardinality(level.ids))
        FROM role_management_policies p
        WHERE p.role_definition_id = q.role_definition_id AND p.resource_id = ANY (level.ids)), false)
        AS "codeAfterApproval",
      EXISTS (SELECT FROM active_assignments(q.principal_id, postern_now()) x
        WHERE x.role_definition_id = q.role_definition_id AND x.resource_id = ANY (path_ids(s.path))) AS held,
      CASE WHEN held.ends_at < CASE WHEN ${extendsActivation("q")} THEN q.ends_at
          ELSE greatest(coalesce(q.starts_at, postern_now()), postern_now()) + make_interval(mins => q.duration_minutes) END
        THEN held.ends_at END AS "eligibleUntil",
      CASE WHEN ${extendsActivation("q")} THEN running.ends_at END AS "presentEnd",
      CASE WHEN ${extendsActivation("q")} THEN q.ends_at END AS "newEnd",
      a.expires_at AS "expiresAt", coalesce(a.escalates_at <= postern_now(), false) AS escalated,
      a.stage + 1 AS stage, jsonb_array_length(a.stages) AS stages, a.approvals_needed AS "approvalsNeeded",
      a.requires_step_up AS "requiresStepUp",
      page.as_administrator AS "asAdministrator",
      (SELECT coalesce(jsonb_agg(${identityColumn("each")} ORDER BY lower(each.display_name), each.id), '[]')
        FROM principals each WHERE each.id = ANY (a.approver_ids)
        OR (a.escalates_at <= postern_now() AND each.id = ANY (a.escalation_ids))) AS deciders,
      (SELECT coalesce(json_agg(json_build_object('id', c.id, 'by', ${identityColumn("by")}, 'stage', c.stage + 1,
          'justification', c.justification) ORDER BY c.id), '[]')
        FROM request_decisions c JOIN principals by ON by.id = c.decider_id WHERE c.request_id = q.id) AS decisions,
      (SELECT coalesce(json_agg(json_build_object('startsAt', x.starts_at, 'endsAt', x.ends_at)
          ORDER BY x.starts_at DESC), '[]')
        FROM (SELECT starts_at, ends_at FROM assignments x WHERE x.principal_id = q.principal_id
          AND x.role_definition_id = q.role_definition_id AND x.resource_id = q.resource_id
          AND x.assignment_type = 'Activated' AND x.ends_at > x.starts_at AND x.starts_at <= postern_now()
          ORDER BY x.starts_at DESC LIMIT 3) x) AS recent,
      (SELECT count(*)::int FROM assignments x WHERE x.principal_id = q.principal_id
        AND x.role_definition_id = q.role_definition_id AND x.resource_id = q.resource_id
        AND x.assignment_type = 'Activated' AND x.ends_at > x.starts_at
        AND x.starts_at BETWEEN postern_now() - interval '90 days' AND postern_now()) AS "recentCount"
    FROM page
    JOIN requests q ON q.id = page.request_id JOIN request_approvals a ON a.request_id = q.id
    JOIN principals p ON p.id = q.principal_id JOIN role_definitions d ON d.id = q.role_definition_id
    JOIN resources s ON s.id = q.resource_id LEFT JOIN step_up_proofs proof ON proof.id = q.proof_id
    LEFT JOIN eligibilities held ON held.id = q.eligibility_id LEFT JOIN assignments running ON running.id = q.assignment_id
    CROSS JOIN LATERAL (SELECT (path_ids(s.path))[array_position(path_ids(s.path), held.resource_id):] AS ids) level
    ORDER BY q.id`;
}
