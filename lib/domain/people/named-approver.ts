import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";

/** A place where role settings in force name a principal, or a group above it, as approver. */
export interface NamedApprover {
  readonly key: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  /** Counted from 1. */
  readonly stage: number;
  readonly stages: number;
  readonly escalation: boolean;
  /** The group that is named; null when it is the principal itself. */
  readonly group: PrincipalIdentity | null;
}
