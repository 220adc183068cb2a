import type { MemberView } from "@/components/assignments/member-view";
import { distanceInWords } from "@/lib/domain/time/distance";
import { formatIn, inTwoParts } from "@/lib/domain/time/moment-format";
import type { AccessRow } from "@/lib/queries/assignments/access-search";
import type { MemberRow } from "@/lib/queries/assignments/members";
import { readerTimes } from "@/lib/web/reader-zone";

interface Context {
  /** The resource of the list; null for the list of everything, where nothing is changed. */
  readonly resource: {
    readonly id: string;
    readonly scope: string;
    readonly may: { readonly writeEligibility: boolean; readonly writeAssignment: boolean };
  } | null;
  readonly now: Date;
}

export async function memberViews(
  rows: readonly (AccessRow & Partial<MemberRow>)[],
  context: Context,
): Promise<MemberView[]> {
  const format = formatIn(await readerTimes());
  const shown = (moment: Date) => ({ iso: moment.toISOString(), words: inTwoParts(format.moment(moment)) });
  return rows.map((row) => ({
    id: row.id,
    member: row.member,
    roleId: row.roleDefinitionId,
    roleName: row.roleName,
    state: row.state,
    mark: markOf(row, context.now),
    start: shown(row.startsAt),
    end: row.endsAt ? { ...shown(row.endsAt), distance: distanceInWords(row.endsAt, context.now) } : null,
    from:
      row.resourceId === context.resource?.id
        ? null
        : { id: row.resourceId, name: row.resourceName, scope: row.scope, below: isBelow(row, context) },
    may: mayDo(row, context),
    maximumDays: row.maximumDays ?? null,
    needsCode: row.needsCode ?? false,
    resistantOnly: row.resistantOnly ?? false,
  }));
}

function markOf(row: AccessRow, now: Date): MemberView["mark"] {
  if (row.removed) return row.state === "Activated" ? "Ended early" : "Removed";
  if (row.endsAt !== null && row.endsAt <= now) return "Expired";
  return row.startsAt > now ? "Scheduled" : null;
}

function isBelow(row: AccessRow, { resource }: Context): boolean {
  return !resource || row.scope.length > resource.scope.length;
}

/** Inherited access is changed where it was given. Removed access and activations cannot be renewed. */
function mayDo(row: AccessRow, context: Context): MemberView["may"] {
  if (!context.resource) return null;
  const { may, id } = context.resource;
  const here = row.resourceId === id || isBelow(row, context);
  if (!here || !(row.state === "Eligible" ? may.writeEligibility : may.writeAssignment)) return null;
  if (row.endsAt === null || row.endsAt > context.now) return "change";
  return row.removed || row.state === "Activated" ? null : "renew";
}
