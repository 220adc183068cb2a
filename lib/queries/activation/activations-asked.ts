import { activationSchedule } from "@/lib/domain/gate/activation-time";
import type { ActivationItem } from "@/lib/domain/gate/activations-together";
import { mostAtOnce } from "@/lib/domain/gate/activations-together";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import { activationTimeFailures } from "@/lib/domain/gate/policy-rules";
import { alreadyAssigned, alreadyRequested } from "@/lib/domain/requests/activation-refusal";
import { type RoleSettings, stagesInForce, strictest } from "@/lib/domain/roles/role-settings";
import { overlap } from "@/lib/domain/time/schedule";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import {
  type ActivationTerms,
  heldSchedules,
  settingsOf,
  type TakenColumn,
  takenColumn,
  takenOf,
  termsOf,
} from "@/lib/queries/activation/activation-terms";
import { conflictRefusal, conflictsOfSeveral } from "@/lib/queries/activation/conflict-refusal";
import { recentReasons } from "@/lib/queries/activation/recent-reasons";

type Place = Pick<ActivationItem, "eligibilityId" | "resourceId">;

interface Asked {
  readonly roleDefinitionId: string;
  readonly settings: RoleSettings;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly taken: TakenColumn;
  readonly now: Date;
}

/** Several activations with the settings in force, in the order of the input. Null if the caller is not eligible. */
async function readAsked(
  transaction: Transaction,
  caller: Caller,
  items: readonly Place[],
): Promise<(Asked | null)[]> {
  const asked = items.slice(0, mostAtOnce);
  const rows = await transaction.$queryRaw<
    (Omit<Asked, "settings"> & { position: bigint; levels: string[] })[]
  >`
    SELECT asked.position, e.role_definition_id AS "roleDefinitionId", e.starts_at AS "startsAt",
      e.ends_at AS "endsAt", postern_now() AS now,
      ${takenColumn(caller.userId, Prisma.sql`e.role_definition_id`, Prisma.sql`r.id`)} AS taken,
      (path_ids(r.path))[array_position(path_ids(r.path), e.resource_id):] AS levels
    FROM unnest(${asked.map((item) => item.eligibilityId)}::uuid[], ${asked.map((item) => item.resourceId)}::uuid[])
      WITH ORDINALITY AS asked (eligibility_id, resource_id, position)
    JOIN current_eligibilities(${caller.userId}::uuid, postern_now()) e ON e.id = asked.eligibility_id
    JOIN resources r ON r.id = asked.resource_id AND e.resource_id = ANY (path_ids(r.path))`;
  const policies = await transaction.roleManagementPolicy.findMany({
    where: {
      roleDefinitionId: { in: rows.map((row) => row.roleDefinitionId) },
      resourceId: { in: rows.flatMap(({ levels }) => levels) },
    },
  });
  const settingsAt = (roleDefinitionId: string, resourceId: string) =>
    settingsOf(
      policies.find((each) => each.roleDefinitionId === roleDefinitionId && each.resourceId === resourceId),
    );
  return asked.map((_item, index) => {
    const row = rows.find((each) => Number(each.position) === index + 1);
    if (!row) return null;
    return { ...row, settings: strictest(row.levels.map((id) => settingsAt(row.roleDefinitionId, id))) };
  });
}

export interface SeveralTerms {
  readonly terms: readonly (ActivationTerms | null)[];
  /**
   * Why each one, if it began now, would conflict with what the caller holds or with one before it.
   * Null if it would not.
   */
  readonly conflicts: readonly (string | null)[];
  /** Reasons that the caller recently gave for one of these roles, newest first. */
  readonly reasons: readonly string[];
}

/**
 * The conditions of several activations, in the order of the input, at most twenty-five. Null for one
 * that the caller is not eligible for there.
 */
export function termsOfSeveral(
  database: Database,
  caller: Caller,
  items: readonly Place[],
): Promise<SeveralTerms> {
  return readOnce(database, async (transaction) => {
    const asked = await readAsked(transaction, caller, items);
    const roles = asked.flatMap((each) => (each ? [each.roleDefinitionId] : []));
    return {
      terms: asked.map((each) => each && termsOf(each.settings, each)),
      conflicts: await conflictsOfSeveral(
        transaction,
        caller,
        asked.map((each, index) => {
          const place = items[index];
          return each && place && canBegin(each)
            ? { roleDefinitionId: each.roleDefinitionId, resourceId: place.resourceId, now: each.now }
            : null;
        }),
      ),
      reasons: await recentReasons(transaction, caller, roles),
    };
  });
}

/**
 * Why activations would be refused whatever code is entered: because of their time, or of what the
 * caller already has or waits for. Null for each that would not. The operation judges again.
 */
export function refusalsBeforeCode(
  database: Database,
  caller: Caller,
  items: readonly (Place & { readonly durationMinutes: number; readonly startsAt: Date | null })[],
): Promise<(OperationError | null)[]> {
  return readOnce(database, async (transaction) => {
    const asked = await readAsked(transaction, caller, items);
    const refusals: (OperationError | null)[] = [];
    for (const [index, item] of items.slice(0, mostAtOnce).entries()) {
      const found = asked[index];
      refusals.push(
        found
          ? (refusalOf(found, item) ??
              (await conflictRefusal(transaction, caller, {
                ...{ roleDefinitionId: found.roleDefinitionId, resourceId: item.resourceId },
                schedule: scheduleOf(found, item),
              })))
          : null,
      );
    }
    return refusals;
  });
}

/** Whether an activation now does not overlap with what the caller already has. */
function canBegin({ taken, now }: Asked): boolean {
  const state = takenOf(taken, now)?.state;
  return state !== "Active" && state !== "Waiting";
}

type Time = { readonly durationMinutes: number; readonly startsAt: Date | null };

function scheduleOf({ now, ...eligibility }: Asked, { startsAt, durationMinutes }: Time) {
  return activationSchedule(
    startsAt !== null && startsAt > now ? startsAt : now,
    durationMinutes,
    eligibility,
  );
}

function refusalOf(found: Asked, item: Time): OperationError | null {
  const { settings, taken, now, ...eligibility } = found;
  const schedule = scheduleOf(found, item);
  if (heldSchedules(taken).some((held) => overlap(held, schedule))) return alreadyAssigned;
  const facts = { ...item, schedule, eligibility };
  const failures = activationTimeFailures(settings, facts);
  if (failures.length > 0) return { code: "RoleAssignmentRequestPolicyValidationFailed", failures };
  const waiting = takenOf({ ...taken, held: [] }, now);
  return waiting?.state === "Waiting" && stagesInForce(settings).length > 0
    ? alreadyRequested(waiting.status)
    : null;
}
