import type { AccessState } from "@/lib/domain/assignments/access-filter";
import type { AccessFigures, KindFigures, RoleCount } from "@/lib/domain/figures/access-figures";
import { addDaysTo, dayOf, startOfDay } from "@/lib/domain/time/reader-day";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { type Place, readableAt } from "@/lib/queries/assignments/readable-access";
import {
  type CountedAccess,
  countedAccess,
  type DaysOfReader,
  type HeldCount,
} from "@/lib/queries/figures/counted-access";

/** The period of a place's figures. */
export interface FiguresAsked {
  /** How many days of activations. Today is the last. */
  readonly days: number;
  /** In whose days: the reader's IANA time zone. */
  readonly timeZone: string;
  /** How many moments of standing access, a week apart. Now is the last. */
  readonly points: number;
}

const principalKinds = ["User", "Group", "ServicePrincipal"] as const;

/** Counts a place's access; null if the caller may not read assignments there. */
export function accessFigures(
  database: Database,
  caller: Caller,
  place: Place,
  asked: FiguresAsked,
): Promise<AccessFigures | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, place);
    if (!readable) return null;
    // The same number of days before are counted too, for comparison.
    const all = daysUntil(await databaseNow(transaction), { ...asked, days: 2 * asked.days });
    const { held, activations, kinds, made, ...counted } = await countedAccess(transaction, readable, {
      days: all,
      points: asked.points,
    });
    const [before, days] = [all.names.slice(0, asked.days), all.names.slice(asked.days)];
    const inState = (state: AccessState) =>
      held.reduce((all, row) => (row.state === state ? all + row.count : all), 0);
    return {
      ...counted,
      days,
      activations: activations.filter(({ day }) => days.includes(day)),
      activationsBefore: before.map((day) =>
        activations.reduce((sum, each) => (each.day === day ? sum + each.count : sum), 0),
      ),
      states: {
        Eligible: inState("Eligible"),
        Assigned: inState("Assigned"),
        Activated: inState("Activated"),
      },
      kinds: kindsOf({ kinds, made }),
      newAssignments: made.reduce((sum, each) => sum + each.count, 0),
      newAssignmentsBefore: made.reduce((sum, each) => sum + each.before, 0),
      roles: rolesByCount(held),
      assignedRoles: held
        .filter(({ state, count }) => state === "Assigned" && count > 0)
        .map(({ roleDefinitionId: id, roleName }) => ({ id, roleName }))
        .sort((x, y) => x.roleName.localeCompare(y.roleName, "en") || (x.id < y.id ? -1 : 1)),
    };
  });
}

/** The days of the reader. Today is the last. */
function daysUntil(now: Date, { days, timeZone }: FiguresAsked): DaysOfReader {
  const today = dayOf(now, timeZone);
  const names = Array.from({ length: days }, (_, index) => addDaysTo(today, index + 1 - days));
  return { names, starts: [...names, addDaysTo(today, 1)].map((day) => startOfDay(day, timeZone)) };
}

/** What each kind of principal holds, users first. */
function kindsOf({ kinds, made }: Pick<CountedAccess, "kinds" | "made">): KindFigures[] {
  return principalKinds.flatMap((kind) => {
    const ofState = (state: AccessState) => {
      const found = kinds.find((row) => row.kind === kind && row.state === state);
      return { now: found?.count ?? 0, before: found?.weekAgo ?? 0 };
    };
    const { count: now, before } = made.find((row) => row.kind === kind) ?? { count: 0, before: 0 };
    const figures: KindFigures = {
      kind,
      states: {
        Eligible: ofState("Eligible"),
        Assigned: ofState("Assigned"),
        Activated: ofState("Activated"),
      },
      made: { now, before },
    };
    const all = [...Object.values(figures.states), figures.made];
    return all.some((each) => each.now !== 0 || each.before !== 0) ? [figures] : [];
  });
}

function rolesByCount(held: readonly HeldCount[]): RoleCount[] {
  const roles = new Map<string, RoleCount>();
  for (const { roleDefinitionId: id, roleName, state, count } of held) {
    const { eligible, active } = roles.get(id) ?? { eligible: 0, active: 0 };
    roles.set(id, {
      id,
      roleName,
      eligible: eligible + (state === "Eligible" ? count : 0),
      active: active + (state === "Eligible" ? 0 : count),
    });
  }
  return [...roles.values()]
    .sort((x, y) => y.eligible + y.active - x.eligible - x.active || (x.id < y.id ? -1 : 1))
    .slice(0, 10);
}
