import type { ResourceFacts } from "@/lib/authority/authority";
import type { EndedByMove } from "@/lib/authority/move-facts";
import { endLockedActivations } from "@/lib/operations/gate/end-activations";
import { revokeMoved } from "@/lib/operations/requests/revoke-orphaned-requests";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Locks the roles that name a resource, or one below it, by its path as assignable scope, against
 * edits, in the order of their ids.
 */
export async function lockRolesNaming(transaction: Transaction, resourceId: string): Promise<void> {
  await transaction.$queryRaw`
    SELECT d.id FROM role_definitions d
    WHERE EXISTS (SELECT FROM resources r, unnest(d.assignable_scopes) AS each
      WHERE r.id = ${resourceId}::uuid
        AND (lower(each) = lower(r.scope) OR starts_with(lower(each), lower(r.scope) || '/')))
    ORDER BY d.id FOR UPDATE OF d`;
}

/**
 * Changes roles that named one of the old paths to name the new one. Otherwise they would be assignable
 * at a resource that somebody adds later by the old path. Logs each role.
 */
export async function rewriteAssignableScopes(
  transaction: Transaction,
  before: ResourceFacts,
  scope: string,
  entry: Pick<AuditEntry, "caller" | "justification" | "proof">,
): Promise<void> {
  if (scope === before.scope) return;
  const old = before.scope;
  // Lower case as the database computes it, since roles name places by that. JavaScript's lower case
  // differs for some letters.
  const names = Prisma.sql`(lower(each) = lower(${old}::text) OR starts_with(lower(each), lower(${old}::text) || '/'))`;
  const length = [...old].length;
  const roles = await transaction.$queryRaw<RewrittenRole[]>`
    WITH before AS MATERIALIZED (
      SELECT d.id, d.assignable_scopes AS scopes FROM role_definitions d
      WHERE EXISTS (SELECT FROM unnest(d.assignable_scopes) AS each WHERE ${names}))
    UPDATE role_definitions d SET version = version + 1, updated_at = postern_now(), assignable_scopes = ARRAY(
      SELECT CASE WHEN ${names} THEN ${scope} || substr(each, ${length + 1}::int) ELSE each END
      FROM unnest(before.scopes) WITH ORDINALITY AS s (each, place) ORDER BY s.place)
    FROM before WHERE d.id = before.id
    RETURNING d.id, d.role_name AS "roleName", before.scopes AS before, d.assignable_scopes AS after`;
  await recordAuditEvents(
    transaction,
    roles.map(({ id, roleName, before, after }) => ({
      ...entry,
      kind: "RoleDefinitionUpdated" as const,
      outcome: "Success" as const,
      role: { id, roleName },
      details: { before: { assignableScopes: before }, after: { assignableScopes: after }, movedTo: scope },
    })),
  );
}

interface RewrittenRole {
  readonly id: string;
  readonly roleName: string;
  readonly before: string[];
  readonly after: string[];
}

/** Ends what rests on an eligibility above a moved resource: activations first, then requests, each in the order of ids. */
export async function endWhatRestsAbove(
  transaction: Transaction,
  actor: Actor,
  resourceId: string,
  ended: readonly EndedByMove[],
): Promise<void> {
  const idsOf = (kind: EndedByMove["kind"]) => ended.filter((each) => each.kind === kind).map(({ id }) => id);
  const activations = idsOf("Activation").sort();
  if (activations.length > 0) {
    const rows = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM assignments WHERE id = ANY (${activations}::uuid[]) AND ends_at > postern_now()
      ORDER BY id FOR UPDATE`;
    const ids = rows.map(({ id }) => id);
    await endLockedActivations(transaction, actor, ids, await databaseNow(transaction));
  }
  await revokeMoved(transaction, actor, idsOf("Request"), resourceId);
}
