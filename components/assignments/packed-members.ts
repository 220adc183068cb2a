import type { MemberView } from "@/components/assignments/member-view";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";

type PackedPrincipal = readonly [
  id: string,
  displayName: string,
  type: PrincipalIdentity["type"],
  email: string | null,
  externalId: string | null,
  former: PrincipalIdentity["former"] | 0,
];

type PackedRow = readonly [
  id: string,
  member: number,
  role: number,
  state: number,
  mark: number,
  start: readonly [milliseconds: number, words: string],
  end: readonly [milliseconds: number, words: string, distance: string] | 0,
  /** -1 for none. */
  from: number,
  may: number,
  maximumDays: number | null,
  /** The second factor that a change requires: none, any, or only a phishing-resistant one. */
  factor: 0 | 1 | 2,
];

const states = ["Eligible", "Assigned", "Activated"] as const satisfies readonly MemberView["state"][];
const marks = [
  null,
  "Scheduled",
  "Expired",
  "Removed",
  "Ended early",
] as const satisfies readonly MemberView["mark"][];
const mays = [null, "change", "renew"] as const satisfies readonly MemberView["may"][];

/**
 * The rows of a page as the page sends them to the browser beside its HTML: values without names, and each
 * member, role and resource once. This halves the size of a full page.
 */
export interface PackedMembers {
  readonly members: readonly PackedPrincipal[];
  readonly roles: readonly (readonly [id: string, name: string])[];
  readonly places: readonly (readonly [id: string, name: string, scope: string, below: boolean])[];
  readonly rows: readonly PackedRow[];
}

/** Gives each distinct thing a position. */
function places<Thing>() {
  const seen = new Map<string, { readonly place: number; readonly thing: Thing }>();
  return {
    placeOf(id: string, thing: Thing): number {
      const known = seen.get(id) ?? { place: seen.size, thing };
      seen.set(id, known);
      return known.place;
    },
    all: () => [...seen.values()].map(({ thing }) => thing),
  };
}

const millisecondsOf = ({ iso }: { readonly iso: string }) => new Date(iso).getTime();
const isoOf = (milliseconds: number) => new Date(milliseconds).toISOString();

export function packMembers(views: readonly MemberView[]): PackedMembers {
  const members = places<PackedPrincipal>();
  const roles = places<PackedMembers["roles"][number]>();
  const from = places<PackedMembers["places"][number]>();
  const rows = views.map((view): PackedRow => {
    const { member, start, end, from: at } = view;
    const former = member.former.length > 0 ? member.former : 0;
    return [
      view.id,
      members.placeOf(member.id, [
        member.id,
        member.displayName,
        member.type,
        member.email,
        member.externalId,
        former,
      ]),
      roles.placeOf(view.roleId, [view.roleId, view.roleName]),
      states.indexOf(view.state),
      marks.indexOf(view.mark),
      [millisecondsOf(start), start.words],
      end ? [millisecondsOf(end), end.words, end.distance] : 0,
      at ? from.placeOf(at.id, [at.id, at.name, at.scope, at.below]) : -1,
      mays.indexOf(view.may),
      view.maximumDays,
      view.resistantOnly ? 2 : view.needsCode ? 1 : 0,
    ];
  });
  return { members: members.all(), roles: roles.all(), places: from.all(), rows };
}

export function unpackMembers(packed: PackedMembers): MemberView[] {
  const members = packed.members.map(([id, displayName, type, email, externalId, former]) => ({
    ...{ id, displayName, type, email, externalId },
    former: former || [],
  }));
  return packed.rows.map((row) => {
    const [id, member, role, state, mark, start, end, from, may, maximumDays, factor] = row;
    const [roleId = "", roleName = ""] = packed.roles[role] ?? [];
    const place = packed.places[from];
    const who = members[member];
    if (!who) throw new Error("a row without its member");
    return {
      id,
      member: who,
      roleId,
      roleName,
      state: states[state] ?? "Eligible",
      mark: marks[mark] ?? null,
      start: { iso: isoOf(start[0]), words: start[1] },
      end: end === 0 ? null : { iso: isoOf(end[0]), words: end[1], distance: end[2] },
      from: place ? { id: place[0], name: place[1], scope: place[2], below: place[3] } : null,
      may: mays[may] ?? null,
      maximumDays,
      needsCode: factor > 0,
      resistantOnly: factor === 2,
    };
  });
}
