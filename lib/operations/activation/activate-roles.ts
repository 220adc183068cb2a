import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  type ActivatedRole,
  activateRoleIn,
  activationAttempt,
  type RoleActivation,
} from "@/lib/operations/activation/activate-role-in";
import { type Batch, type RowResult, runBatch } from "@/lib/operations/gate/run-batch";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

type RoleToActivate = Pick<RoleActivation, "eligibilityId" | "resourceId" | "durationMinutes">;

export interface ActivateRolesInput {
  /** At most `maximumRows` of run-batch.ts. */
  readonly items: readonly RoleToActivate[];
  /** The start of all of them; null: at once. */
  readonly startsAt: Date | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly proofId: string | null;
  /**
   * The caller's bundle from which the roles were chosen. It gives no right. The log names it for the
   * roles that are in it.
   */
  readonly bundleId?: string | null;
}

/** The operation that one code confirms: every eligibility, scope, start and duration. */
export function activateRolesOperation(
  input: Pick<ActivateRolesInput, "items" | "startsAt">,
): ProtectedOperation {
  const startsAt = input.startsAt?.toISOString() ?? null;
  return {
    kind: "ActivateRoles",
    items: input.items.map(({ eligibilityId, resourceId, durationMinutes }) => ({
      eligibilityId,
      resourceId,
      startsAt,
      durationMinutes,
    })),
  };
}

const keyOf = ({ eligibilityId, resourceId }: Pick<RoleToActivate, "eligibilityId" | "resourceId">) =>
  `${eligibilityId} ${resourceId}`;

function batchOf(
  caller: Caller,
  { items, startsAt, justification, ticketNumber, ticketSystem }: ActivateRolesInput,
  bundles: ReadonlyMap<string, string>,
): Batch<RoleToActivate, ActivatedRole> {
  const operation = activateRolesOperation({ items, startsAt });
  const activation = (item: RoleToActivate) => ({
    ...item,
    startsAt,
    justification,
    ticketNumber,
    ticketSystem,
    bundle: bundles.get(keyOf(item)),
  });
  return {
    rows: items,
    // By eligibility, since every activation locks its row.
    order: keyOf,
    attempt: (item) => activationAttempt(caller, activation(item)),
    work: (transaction, item, prove) =>
      activateRoleIn(transaction, caller, activation(item), prove, operation),
  };
}

/**
 * Activates several roles with one reason and one proof. Each is judged by its own settings and succeeds or fails on
 * its own. Answers in the order of `input.items`.
 */
export async function activateRoles(
  database: Database,
  caller: Caller,
  input: ActivateRolesInput,
): Promise<readonly RowResult<ActivatedRole>[]> {
  const bundles = await bundleNames(database, caller, input);
  return runBatch(database, caller, input.proofId, batchOf(caller, input, bundles));
}

/** The name of the bundle for each role that is in it, if it is the caller's own. */
async function bundleNames(
  database: Database,
  caller: Caller,
  { items, bundleId }: ActivateRolesInput,
): Promise<ReadonlyMap<string, string>> {
  if (!bundleId) return new Map();
  const rows = await database.client.$queryRaw<{ eligibilityId: string; resourceId: string; name: string }[]>`
    SELECT e.id AS "eligibilityId", x.resource_id AS "resourceId", b.name
    FROM bundles b JOIN bundle_roles x ON x.bundle_id = b.id
    JOIN eligibilities e ON e.role_definition_id = x.role_definition_id
    WHERE b.id = ${bundleId}::uuid AND b.user_id = ${caller.userId}::uuid
      AND e.id = ANY (${items.map(({ eligibilityId }) => eligibilityId)}::uuid[])`;
  return new Map(rows.map((row) => [keyOf(row), row.name]));
}
