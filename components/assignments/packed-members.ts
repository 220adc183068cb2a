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
  member: PackedPrincipal,
  role: number,
  state: MemberView["state"],
  mark: MemberView["mark"],
  start: readonly [iso: string, words: string],
  end: readonly [iso: string, words: string, distance: string] | null,
  from: number | null,
  may: MemberView["may"],
  maximumDays: number | null,
  needsCode: 0 | 1,
];

/**
 * The rows of a page as the page sends them to the browser beside its HTML: values without names, and each role and
 * resource once. A full page is two thirds as large.
 */
export interface PackedMembers {
  readonly roles: readonly (readonly [id: string, name: string])[];
  readonly places: readonly (readonly [id: string, name: string, scope: string, below: boolean])[];
  readonly rows: readonly PackedRow[];
}

/** Gives each thing that is seen a place. */
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

export function packMembers(views: readonly MemberView[]): PackedMembers {
  const roles = places<PackedMembers["roles"][number]>();
  const from = places<PackedMembers["places"][number]>();
  const rows = views.map((view): PackedRow => {
    const { member, start, end, from: at } = view;
    const former = member.former.length > 0 ? member.former : 0;
    return [
      view.id,
      [member.id, member.displayName, member.type, member.email, member.externalId, former],
      roles.placeOf(view.roleId, [view.roleId, view.roleName]),
      view.state,
      view.mark,
      [start.iso, start.words],
      end ? [end.iso, end.words, end.distance] : null,
      at ? from.placeOf(at.id, [at.id, at.name, at.scope, at.below]) : null,
      view.may,
      view.maximumDays,
      view.needsCode ? 1 : 0,
    ];
  });
  return { roles: roles.all(), places: from.all(), rows };
}

export function unpackMembers(packed: PackedMembers): MemberView[] {
  return packed.rows.map((row) => {
    const [id, member, role, state, mark, start, end, from, may, maximumDays, needsCode] = row;
    const [roleId = "", roleName = ""] = packed.roles[role] ?? [];
    const place = from === null ? undefined : packed.places[from];
    return {
      id,
      member: {
        id: member[0],
        displayName: member[1],
        type: member[2],
        email: member[3],
        externalId: member[4],
        former: member[5] || [],
      },
      roleId,
      roleName,
      state,
      mark,
      start: { iso: start[0], words: start[1] },
      end: end && { iso: end[0], words: end[1], distance: end[2] },
      from: place ? { id: place[0], name: place[1], scope: place[2], below: place[3] } : null,
      may,
      maximumDays,
      needsCode: needsCode === 1,
    };
  });
}
