import { scheduleOf, settingsOf } from "@/lib/authority/judge-restoration";
import type { ClosedAccess, Retirement } from "@/lib/authority/restore-facts";
import { enabledUntilCommit } from "@/lib/authority/rights-until-commit";
import type { SpentProof } from "@/lib/authority/spend-proof";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { mostAccessRetired } from "@/lib/domain/resources/retire";
import type { Schedule } from "@/lib/domain/time/schedule";
import { conflictsInOrder } from "@/lib/operations/gate/refuse-conflicts";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { Outdated } from "@/lib/platform/recheck";
import type { GivenAccess } from "@/lib/platform/role-conflicts";
import { jsonRows } from "@/lib/platform/sql/json-rows";
import { pathWithin } from "@/lib/platform/sql/path-below";
import { databaseNow } from "@/lib/platform/transaction";

interface Restoring {
  readonly caller: Caller;
  readonly justification: string;
  readonly proof: SpentProof;
  readonly retirement: Retirement;
}

/** Access that was written. */
interface Made {
  readonly id: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly startsAt: Date;
}

type Ready = ClosedAccess & { readonly schedule: Schedule };

/**
 * Gives judged access again, each with its request and event. Access that would give somebody
 * conflicting roles is left out. Returns how much was given.
 */
export async function giveAgain(
  transaction: Transaction,
  restoring: Restoring,
  open: readonly ClosedAccess[],
): Promise<number> {
  if (
    !(await enabledUntilCommit(
      transaction,
      open.map(({ principalId }) => principalId),
    ))
  )
    throw new Outdated();
  const now = await databaseNow(transaction);
  const ready = open.map((each) => ({ ...each, schedule: scheduleOf(each, now) }));
  const active = ready.filter(({ type }) => type === "Active");
  const conflicting = await conflictsInOrder(
    transaction,
    active.map(({ principalId, roleDefinitionId, resourceId, schedule }) => ({
      given: { principalId, roleDefinitionId, resourceId, schedule },
    })),
    { locks: true },
  );
  const allowed = active.filter((_each, index) => !conflicting.has(index));
  const eligible = ready.filter(({ type }) => type === "Eligible");
  await write(transaction, restoring, "Eligible", eligible, now);
  await write(transaction, restoring, "Active", allowed, now);
  return eligible.length + allowed.length;
}

async function write(
  transaction: Transaction,
  { caller, justification, proof, retirement }: Restoring,
  type: "Eligible" | "Active",
  rows: readonly Ready[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  const active = type === "Active";
  const given = rows.map((row) => ({
    ...{
      principal_id: row.principalId,
      role_definition_id: row.roleDefinitionId,
      resource_id: row.resourceId,
    },
    ...{ starts_at: row.schedule.startsAt, ends_at: row.schedule.endsAt },
  }));
  const columns = Prisma.sql`principal_id, role_definition_id, resource_id, starts_at, ends_at`;
  const written = Prisma.sql`id, principal_id AS "principalId", role_definition_id AS "roleDefinitionId",
    resource_id AS "resourceId", starts_at AS "startsAt"`;
  const made = active
    ? await transaction.$queryRaw<Made[]>`
        INSERT INTO assignments (${columns}, assignment_type) SELECT ${columns}, 'Assigned'
        FROM jsonb_populate_recordset(NULL::assignments, ${jsonRows(given)}::jsonb) RETURNING ${written}`
    : await transaction.$queryRaw<Made[]>`
        INSERT INTO eligibilities (${columns}) SELECT ${columns}
        FROM jsonb_populate_recordset(NULL::eligibilities, ${jsonRows(given)}::jsonb) RETURNING ${written}`;
  const same = (row: Pick<Ready, "principalId" | "roleDefinitionId" | "resourceId">, startsAt: Date) =>
    `${row.principalId} ${row.roleDefinitionId} ${row.resourceId} ${startsAt.toISOString()}`;
  const accessOf = new Map(made.map((row) => [same(row, row.startsAt), row.id]));
  const idOf = (row: Ready) => accessOf.get(same(row, row.schedule.startsAt));
  const named = (id: string | undefined) => (active ? { assignmentId: id } : { eligibilityId: id });
  const asked = rows.map((row, index) => ({
    ...given[index],
    ...(active ? { assignment_id: idOf(row) } : { eligibility_id: idOf(row) }),
    status: statusAfter("New", "Accept", row.schedule.startsAt > now ? "Schedule" : "Provision"),
    policy: settingsOf(row),
  }));
  const requests = await transaction.$queryRaw<
    { id: string; assignmentId: string | null; eligibilityId: string | null }[]
  >`
    INSERT INTO requests (request_type, status, requestor_id, ${columns}, eligibility_id, assignment_id, justification,
      policy, proof_id, completed_at)
    SELECT 'AdminAssign', status, ${caller.userId}::uuid, ${columns}, eligibility_id, assignment_id, ${justification},
      policy, ${proof.id}::uuid, ${now}
    FROM jsonb_populate_recordset(NULL::requests, ${jsonRows(asked)}::jsonb)
    RETURNING id, assignment_id AS "assignmentId", eligibility_id AS "eligibilityId"`;
  const requestOf = new Map(requests.map((each) => [each.assignmentId ?? each.eligibilityId, each.id]));
  await recordAuditEvents(
    transaction,
    rows.map((row) => ({
      kind: active ? ("ActiveAssignmentAdded" as const) : ("EligibleAssignmentAdded" as const),
      outcome: "Success" as const,
      ...{ caller, justification, proof },
      target: { id: row.principalId, displayName: row.principalName },
      role: { id: row.roleDefinitionId, roleName: row.roleName },
      resource: { id: row.resourceId, displayName: row.resourceName, scope: row.scope, path: row.path },
      requestId: requestOf.get(idOf(row) ?? null),
      ...named(idOf(row)),
      details: {
        retirementId: retirement.id,
        startsAt: row.schedule.startsAt.toISOString(),
        endsAt: row.schedule.endsAt?.toISOString() ?? null,
        policy: settingsOf(row),
      },
    })),
  );
}

/**
 * The active access above a restored resource that conflict rules there and below begin to judge. They
 * did not judge what was given while the resource was retired. Null if there is too much of it.
 */
export async function standingAbove(
  transaction: Transaction,
  resourceId: string,
): Promise<{ given: GivenAccess[]; rulesAt: string[] } | null> {
  const rows = await transaction.$queryRaw<(Omit<GivenAccess, "schedule"> & Schedule)[]>`
    SELECT DISTINCT a.principal_id AS "principalId", a.role_definition_id AS "roleDefinitionId",
      k.resource_id AS "resourceId", a.starts_at AS "startsAt", a.ends_at AS "endsAt"
    FROM resources top JOIN resources r ON ${pathWithin("r.path", "top.path")}
    JOIN conflict_rules k ON k.resource_id = r.id JOIN conflict_rule_roles c ON c.rule_id = k.id
    JOIN assignments a ON a.role_definition_id = c.role_definition_id AND a.resource_id = ANY (path_ids(top.path))
      AND a.resource_id <> top.id AND (a.ends_at IS NULL OR (a.ends_at > postern_now() AND a.ends_at > a.starts_at))
    WHERE top.id = ${resourceId}::uuid ORDER BY 1, 2, 3, 4 LIMIT ${mostAccessRetired + 1}`;
  if (rows.length > mostAccessRetired) return null;
  return {
    given: rows.map(({ startsAt, endsAt, ...row }) => ({ ...row, schedule: { startsAt, endsAt } })),
    rulesAt: [...new Set(rows.map((row) => row.resourceId))],
  };
}
