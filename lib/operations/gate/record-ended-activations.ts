import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

interface Ended {
  readonly id: string;
  readonly eligibilityId: string;
  readonly endsAt: Date;
  readonly target: { readonly id: string; readonly displayName: string };
  readonly role: { readonly id: string; readonly roleName: string };
  readonly resource: {
    readonly id: string;
    readonly displayName: string;
    readonly scope: string;
    readonly path: string;
  };
}

/**
 * Tells the log of activations that ended early because what they rested on went: one event each, in the order of their
 * ids (design section 2, rule 9). The actor is whoever took it away; null for the system.
 */
export async function recordEndedActivations(
  transaction: Transaction,
  actor: Actor | null,
  assignmentIds: readonly string[],
): Promise<void> {
  if (assignmentIds.length === 0) return;
  const ended = await transaction.$queryRaw<Ended[]>`
    SELECT a.id, a.eligibility_id AS "eligibilityId", a.ends_at AS "endsAt",
      json_build_object('id', p.id, 'displayName', p.display_name) AS target,
      json_build_object('id', d.id, 'roleName', d.role_name) AS role,
      json_build_object('id', r.id, 'displayName', r.display_name, 'scope', r.scope, 'path', r.path) AS resource
    FROM assignments a JOIN principals p ON p.id = a.principal_id
    JOIN role_definitions d ON d.id = a.role_definition_id JOIN resources r ON r.id = a.resource_id
    WHERE a.id = ANY (${[...assignmentIds]}::uuid[]) ORDER BY a.id`;
  await recordAuditEvents(
    transaction,
    ended.map(({ id, eligibilityId, endsAt, ...about }) => ({
      ...about,
      kind: "ActivationRevoked" as const,
      outcome: "Success" as const,
      ...(actor ? { caller: actor } : {}),
      assignmentId: id,
      eligibilityId,
      details: { endsAt: endsAt.toISOString() },
    })),
  );
}
