import type { PrincipalType } from "@/lib/domain/people/principal";
import type { RoleRisk } from "@/lib/domain/roles/role-risk";
import { addDays } from "@/lib/domain/time/schedule";

/** What the list of standing access shows. */
export interface StandingFilter {
  readonly risk: RoleRisk | null;
  readonly roleDefinitionId: string | null;
  readonly kind: PrincipalType | null;
  /** Part of the member's name or address, or of the role's name. */
  readonly search: string;
}

/** Access that ends within this many days ends soon enough by itself. */
export const endsSoonDays = 14;

/** Why somebody's standing access is not proposed, and what to do instead. */
export const notProposed = {
  LastOwner: "The last permanent Owner, who must stay active",
  BreakGlass: "A break-glass account, which keeps its access",
  ServicePrincipal: "A service principal, which cannot activate a role",
  Disabled: "Disabled: remove the assignment instead",
  EndsSoon: "Ends soon by itself",
  NoFactor: "Has no second factor to activate it with",
} as const;
export type NotProposed = keyof typeof notProposed;

/** What a proposal depends on. */
export interface ProposalFacts {
  readonly kind: PrincipalType;
  readonly disabled: boolean;
  readonly breakGlass: boolean;
  readonly lastOwner: boolean;
  readonly lacksFactor: boolean;
  readonly endsAt: Date | null;
}

/** Why this is not proposed; null if it is. */
export function whyNotProposed(facts: ProposalFacts, now: Date): NotProposed | null {
  if (facts.lastOwner) return "LastOwner";
  if (facts.breakGlass) return "BreakGlass";
  if (facts.kind === "ServicePrincipal") return "ServicePrincipal";
  if (facts.disabled) return "Disabled";
  if (facts.endsAt !== null && facts.endsAt <= addDays(now, endsSoonDays)) return "EndsSoon";
  return facts.lacksFactor ? "NoFactor" : null;
}
