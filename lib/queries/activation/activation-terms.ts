import { settingsOfPolicy } from "@/lib/authority/policy-settings";
import { waitsForCode, waitsForDecision } from "@/lib/authority/request-basis";
import { minutesLeft } from "@/lib/domain/gate/activation-time";
import type { WaitingStatus } from "@/lib/domain/requests/request-state";
import {
  type ActivationRules,
  activationRules,
  defaultRoleSettings,
  type RoleSettings,
} from "@/lib/domain/roles/role-settings";
import type { Schedule } from "@/lib/domain/time/schedule";
import { Prisma } from "@/lib/platform/generated/client";
import type { RoleManagementPolicyModel } from "@/lib/platform/generated/models";

/** Access of the caller's own that is active, or that begins later. `activated` is set if they activated it themselves. */
interface Held {
  readonly assignmentId: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly activated: boolean;
}

/**
 * What the caller already has, or waits for, of a role at exactly this resource. `Active` and `Waiting`
 * prevent an activation now. `Scheduled` prevents one that would not be over by then.
 */
export type Taken =
  | ({ readonly state: "Active" } & Held)
  | ({ readonly state: "Scheduled" } & Held)
  | { readonly state: "Waiting"; readonly requestId: string; readonly status: WaitingStatus };

/** What the database answers for `takenColumn`. Times are text within JSON. */
export interface TakenColumn {
  readonly held: readonly {
    readonly assignmentId: string;
    readonly startsAt: string;
    readonly endsAt: string | null;
    readonly activated: boolean;
  }[];
  readonly waiting: { readonly requestId: string; readonly status: WaitingStatus } | null;
}

/** The caller's own access to a role at a resource from now on, the earliest three, and their waiting request. */
export function takenColumn(
  callerId: string,
  roleDefinitionId: Prisma.Sql,
  resourceId: Prisma.Sql,
): Prisma.Sql {
  return Prisma.sql`json_build_object(
    'held', (SELECT coalesce(json_agg(json_build_object('assignmentId', a.id, 'startsAt', a.starts_at,
        'endsAt', a.ends_at, 'activated', a.assignment_type = 'Activated') ORDER BY a.starts_at), '[]')
      FROM (SELECT * FROM assignments WHERE principal_id = ${callerId}::uuid
        AND role_definition_id = ${roleDefinitionId} AND resource_id = ${resourceId}
        AND (ends_at IS NULL OR ends_at > postern_now()) AND ends_at IS DISTINCT FROM starts_at
        ORDER BY starts_at LIMIT 3) a),
    'waiting', (SELECT json_build_object('requestId', q.id, 'status', q.status) FROM requests q
      WHERE q.principal_id = ${callerId}::uuid AND q.role_definition_id = ${roleDefinitionId}
        AND q.resource_id = ${resourceId} AND q.request_type = 'SelfActivate'
        AND (${waitsForDecision("q")} OR ${waitsForCode("q")}) LIMIT 1))`;
}

/** The schedules of access that is held or begins later. */
export function heldSchedules({ held }: TakenColumn): Schedule[] {
  return held.map((each) => ({
    startsAt: new Date(each.startsAt),
    endsAt: each.endsAt === null ? null : new Date(each.endsAt),
  }));
}

export function takenOf(column: TakenColumn, now: Date): Taken | null {
  const [first] = column.held;
  const held = first && {
    assignmentId: first.assignmentId,
    activated: first.activated,
    startsAt: new Date(first.startsAt),
    endsAt: first.endsAt === null ? null : new Date(first.endsAt),
  };
  if (held && held.startsAt <= now) return { state: "Active", ...held };
  if (column.waiting) return { state: "Waiting", ...column.waiting };
  return held ? { state: "Scheduled", ...held } : null;
}

/** The conditions under which an activation is offered. */
export interface ActivationTerms {
  readonly settings: ActivationRules;
  readonly taken: Taken | null;
  /** The database's time. */
  readonly now: Date;
  /** The whole minutes until the eligibility ends; null if it has no end. */
  readonly eligibilityMinutes: number | null;
}

export function termsOf(
  settings: RoleSettings,
  row: { readonly taken: TakenColumn; readonly now: Date; readonly endsAt: Date | null },
): ActivationTerms {
  return {
    settings: activationRules(settings),
    taken: takenOf(row.taken, row.now),
    now: row.now,
    eligibilityMinutes: minutesLeft(row.now, row.endsAt),
  };
}

/** The settings of a policy row; the built-in default if there is none. */
export function settingsOf(policy: RoleManagementPolicyModel | undefined): RoleSettings {
  return policy ? settingsOfPolicy(policy) : defaultRoleSettings;
}
