import type { ResourceFacts } from "@/lib/authority/authority";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import { activationLevels, judgesAssignments } from "@/lib/domain/gate/levels-in-force";
import {
  type PastRequest,
  type ReplayEffect,
  replayEffects,
  replayed,
} from "@/lib/domain/gate/settings-replay";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { idsOnPath } from "@/lib/domain/resources/resource-path";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import {
  changedSettings,
  defaultSettingsOf,
  type RoleSettings,
  strictest,
} from "@/lib/domain/roles/role-settings";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import {
  type RecordedRequest,
  type ReplayLimits,
  recordedRequests,
  replayLimits,
} from "@/lib/queries/roles/past-requests";
import { roleToEdit } from "@/lib/queries/roles/role-to-edit";

export const replayPageSize = 10;

/** One effect of a change on the requests of the past. */
export interface ReplayFigure {
  readonly effect: ReplayEffect;
  readonly requests: number;
  /** How many people, groups or service principals they were for. */
  readonly people: number;
}

/** A request behind a figure. */
export interface ReplayedRequest {
  readonly id: string;
  readonly kind: RecordedRequest["kind"];
  readonly person: PrincipalIdentity;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly createdAt: Date;
  readonly durationMinutes: number | null;
  readonly endsAt: Date | null;
}

/** What a change of role settings would have done to the requests of the last ninety days. */
export interface SettingsReplay {
  /** The version of the settings that the change was compared with. */
  readonly version: number;
  readonly since: Date;
  /** Whether every request of the last ninety days was replayed. Otherwise only the newest were, from `since` on. */
  readonly whole: boolean;
  readonly activations: number;
  readonly assignments: number;
  /** How many of them would have had a different result. */
  readonly differing: number;
  readonly figures: readonly ReplayFigure[];
  /** The requests behind one figure, newest first; null if none was asked for, or the caller may not read them. */
  readonly list: {
    readonly effect: ReplayEffect;
    readonly page: number;
    readonly pages: number;
    readonly rows: readonly ReplayedRequest[];
  } | null;
  /** Whether the caller may read the requests behind the figures: those who may read assignments there. */
  readonly listable: boolean;
}

/**
 * Replays the requests of the last ninety days under proposed settings of a role at a resource. Each is
 * judged twice by the rules of the gate (`replayed`): under the settings in force now, and with the
 * proposed ones instead. The strictest of all levels count (docs/rules.md, rule 4). For callers who may
 * edit the settings; null for anybody else.
 */
export function replaySettings(
  database: Database,
  caller: Caller,
  asked: { readonly roleDefinitionId: string; readonly resourceId: string; readonly settings: RoleSettings },
  shown: { readonly effect: ReplayEffect; readonly page: number } | null,
  limits: ReplayLimits = replayLimits,
): Promise<SettingsReplay | null> {
  const { roleDefinitionId, resourceId, settings } = asked;
  if (!isUuid(roleDefinitionId) || !isUuid(resourceId)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const found = await roleToEdit(transaction, caller, asked);
    if (!found) return null;
    const { resource, held, role } = found;
    const { rows, since, whole } = await recordedRequests(transaction, roleDefinitionId, resource, limits);
    const levels = await levelsOf(transaction, { ...asked, ...role }, resource, rows);
    const unchanged = changedSettings(levels.present, settings).length === 0;
    const behind = new Map<ReplayEffect, RecordedRequest[]>();
    let differing = 0;
    for (const row of unchanged ? [] : rows) {
      const effects = replayed(levels.inForce(row), levels.proposed(row), pastRequestOf(row));
      if (effects.length > 0) differing += 1;
      for (const effect of effects) {
        const found = behind.get(effect);
        if (found) found.push(row);
        else behind.set(effect, [row]);
      }
    }
    const listable = anyAllows(held, action.readAssignments);
    const activations = rows.filter(({ kind }) => kind === "Activation").length;
    return {
      version: levels.version,
      ...{ since, whole, activations, assignments: rows.length - activations, differing, listable },
      figures: replayEffects.flatMap((effect) => {
        const found = behind.get(effect) ?? [];
        const people = new Set(found.map((row) => row.principalId)).size;
        return found.length > 0 ? [{ effect, requests: found.length, people }] : [];
      }),
      list: shown && listable ? await listOf(transaction, behind.get(shown.effect) ?? [], shown) : null,
    };
  });
}

function pastRequestOf(row: RecordedRequest): PastRequest {
  const { justification, ticketNumber, ticketSystem, alwaysCode } = row;
  if (row.kind === "Activation") {
    const durationMinutes = row.durationMinutes ?? 0;
    return {
      kind: row.kind,
      startsAt: row.createdAt,
      durationMinutes,
      justification,
      ticketNumber,
      ticketSystem,
    };
  }
  const schedule = { startsAt: row.judgedFrom, endsAt: row.endsAt };
  return { kind: "Assignment", assignmentType: row.kind, schedule, justification, alwaysCode };
}

async function listOf(
  transaction: Transaction,
  rows: readonly RecordedRequest[],
  { effect, page: asked }: { readonly effect: ReplayEffect; readonly page: number },
): Promise<SettingsReplay["list"]> {
  const pages = Math.max(1, Math.ceil(rows.length / replayPageSize));
  const page = Math.min(Math.max(1, asked), pages);
  const shown = rows.slice((page - 1) * replayPageSize, page * replayPageSize);
  const people = await identitiesOf(
    transaction,
    shown.map((row) => row.principalId),
  );
  const personOf = new Map(people.map((each) => [each.id, each]));
  return {
    ...{ effect, page, pages },
    rows: shown.flatMap(
      ({ id, kind, resourceId, resourceName, createdAt, durationMinutes, endsAt, principalId }) => {
        const person = personOf.get(principalId);
        return person
          ? [{ id, kind, person, resourceId, resourceName, createdAt, durationMinutes, endsAt }]
          : [];
      },
    ),
  };
}

interface Level {
  readonly resourceId: string;
  readonly version: number;
  readonly settings: RoleSettings;
}

/**
 * The settings of every level that judges the requests: as they are, and with the proposed ones at the
 * resource.
 */
async function levelsOf(
  transaction: Transaction,
  asked: {
    readonly roleDefinitionId: string;
    readonly writesAuthorization: boolean;
    readonly settings: RoleSettings;
  },
  resource: ResourceFacts,
  rows: readonly RecordedRequest[],
) {
  const paths = new Set([resource.path, ...rows.map(({ path }) => path)]);
  const ids = [...new Set([...paths].flatMap(idsOnPath))];
  const stored = await transaction.$queryRaw<(PolicyColumns & { resourceId: string; version: number })[]>`
    SELECT resource_id AS "resourceId", version, ${policyColumns} FROM role_management_policies
    WHERE role_definition_id = ${asked.roleDefinitionId}::uuid AND resource_id = ANY (${ids}::uuid[])`;
  const unedited = defaultSettingsOf(asked);
  // Most levels have the same settings, which are parsed and compared once.
  const parsed = new Map<string, RoleSettings>();
  const levelOf = new Map<string, Level>();
  for (const { resourceId, version, ...columns } of stored) {
    const text = JSON.stringify(columns);
    const settings = parsed.get(text) ?? settingsOfPolicy(columns);
    parsed.set(text, settings);
    levelOf.set(resourceId, { resourceId, version, settings });
  }
  const at = (resourceId: string): Level =>
    levelOf.get(resourceId) ?? { resourceId, version: 0, settings: unedited };
  const own = at(resource.id);
  // Saving makes the level an edited one, which judges assignments below as well.
  const next = { resourceId: resource.id, version: own.version + 1, settings: asked.settings };
  const strictestOf = memoised();
  const judgedBy = (row: RecordedRequest, level: (resourceId: string) => Level) => {
    const onPath = idsOnPath(row.path);
    return row.kind === "Activation"
      ? activationLevels(onPath, row.eligibilityResourceId ?? row.resourceId).map(level)
      : onPath.map(level).filter((each) => judgesAssignments(each, row.resourceId));
  };
  return {
    version: own.version,
    present: own.settings,
    inForce: (row: RecordedRequest) => strictestOf(judgedBy(row, at)),
    proposed: (row: RecordedRequest) =>
      strictestOf(judgedBy(row, (id) => (id === resource.id ? next : at(id)))),
  };
}

/** The strictest of several levels. Most requests at a place are judged by the same ones. */
function memoised(): (levels: readonly Level[]) => RoleSettings {
  const numbers = new Map<RoleSettings, number>();
  const known = new Map<string, RoleSettings>();
  const numberOf = (settings: RoleSettings) => {
    const number = numbers.get(settings) ?? numbers.size;
    numbers.set(settings, number);
    return number;
  };
  return (levels) => {
    const all = levels.map(({ settings }) => settings);
    const key = all.map(numberOf).join();
    const found = known.get(key) ?? strictest(all);
    known.set(key, found);
    return found;
  };
}
