import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";

/** A principal as pages pick and show it. */
export interface NamedPrincipal extends PrincipalIdentity {
  readonly disabled: boolean;
}
