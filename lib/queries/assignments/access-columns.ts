import type { MemberPlace } from "@/lib/domain/assignments/member-filter";
import { principalRecord } from "@/lib/domain/people/principal-identity";
import type { ExportedAccess } from "@/lib/queries/assignments/access-details";

/** The place of the access, as seen from the exported resource. */
type ExportedPlace = "here" | "inherited" | "below";

/** The exported resource, and what else is listed besides access at it. */
interface ExportedFrom {
  readonly resourceId: string;
  readonly where: MemberPlace;
}

function placeOf(row: ExportedAccess, { resourceId, where }: ExportedFrom): ExportedPlace {
  if (row.resourceId === resourceId) return "here";
  return where === "below" ? "below" : "inherited";
}

const values = {
  state: (row) => row.state,
  memberName: (row) => row.member.displayName,
  memberType: (row) => row.member.type,
  memberEmail: (row) => row.member.email,
  memberExternalId: (row) => row.member.externalId,
  memberId: (row) => row.member.id,
  throughGroupName: (row) => row.throughGroup?.displayName,
  throughGroupId: (row) => row.throughGroup?.id,
  roleName: (row) => row.roleName,
  roleDefinitionId: (row) => row.roleDefinitionId,
  resourceName: (row) => row.resourceName,
  resourceId: (row) => row.resourceId,
  scope: (row) => row.scope,
  startsAt: (row) => row.startsAt,
  endsAt: (row) => row.endsAt,
  permanent: (row) => row.endsAt === null,
  removed: (row) => row.removed,
  removedAt: (row) => row.removedAt,
  createdAt: (row) => row.createdAt,
  origin: (row) => row.origin,
  requestId: (row) => row.requestId,
  requestType: (row) => row.requestType,
  requestedByName: (row) => row.requestedBy?.displayName,
  requestedByEmail: (row) => row.requestedBy?.email,
  requestedById: (row) => row.requestedBy?.id,
  approvedBy: (row) => row.approvedBy.map(principalRecord).join("; "),
  approvedByIds: (row) => row.approvedBy.map(({ id }) => id).join(" "),
  justification: (row) => row.justification,
  ticketSystem: (row) => row.ticketSystem,
  ticketNumber: (row) => row.ticketNumber,
  eligibilityId: (row) => row.eligibilityId,
  id: (row) => row.id,
} as const satisfies Record<string, (row: ExportedAccess) => unknown>;

/** The columns of an export of access and how a row is written. An export of one resource names the place of each row. */
export function accessFile(from: ExportedFrom | null) {
  const all = {
    ...values,
    ...(from === null ? {} : { place: (row: ExportedAccess) => placeOf(row, from) }),
  };
  return {
    columns: Object.keys(all),
    csv: (row: ExportedAccess): unknown[] => Object.values(all).map((value) => value(row)),
    json: (row: ExportedAccess): object =>
      Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value(row) ?? null])),
  };
}
