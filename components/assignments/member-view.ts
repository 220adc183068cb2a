import type { SelectableMember } from "@/components/assignments/bulk-changes";
import type { AccessState } from "@/lib/domain/assignments/access-filter";
import type { MemberTab } from "@/lib/domain/assignments/member-filter";
import { identifierOf, type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";

/** A moment as a row shows it: in ISO 8601, and in words in the reader's zone. */
export interface ShownMoment {
  readonly iso: string;
  readonly words: string;
}

/** A member as a row shows it. The table is also rendered in the browser, so it contains no more than that. */
export interface MemberView {
  readonly id: string;
  readonly member: PrincipalIdentity;
  readonly roleId: string;
  readonly roleName: string;
  readonly state: AccessState;
  /** Further words about its state. */
  readonly mark: "Scheduled" | "Expired" | "Removed" | "Ended early" | null;
  readonly start: ShownMoment;
  /** Null: permanent. */
  readonly end: (ShownMoment & { readonly distance: string }) | null;
  /** The resource where it was given, if that is another one. */
  readonly from: {
    readonly id: string;
    readonly name: string;
    readonly scope: string;
    readonly below: boolean;
  } | null;
  /** What the caller may do with it. */
  readonly may: "change" | "renew" | null;
  readonly maximumDays: number | null;
  readonly needsCode: boolean;
  /** Whether a phishing-resistant factor is required. */
  readonly resistantOnly: boolean;
}

/**
 * On the list of current assignments, rows are selected to extend or remove them; on that of expired ones, to
 * renew them.
 */
export function isSelectable(row: MemberView, tab: MemberTab): boolean {
  return row.may === (tab === "expired" ? "renew" : "change");
}

/** A member in parts: the name, and what distinguishes them from others of that name. */
export function memberParts(member: PrincipalIdentity): readonly string[] {
  return [isolated(member.displayName), identifierOf(member)];
}

/** The row as a selection keeps it. */
export function selectableRow(row: MemberView): SelectableMember {
  return {
    id: row.id,
    assignmentType: row.state === "Eligible" ? "Eligible" : "Active",
    name: `${isolated(row.roleName)} of ${principalText(row.member)}, ${row.state}`,
    parts: [...memberParts(row.member), `${isolated(row.roleName)}, ${row.state}`],
  };
}
