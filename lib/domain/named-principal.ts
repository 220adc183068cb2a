/** A principal as pages name one. */
export interface NamedPrincipal {
  readonly id: string;
  readonly displayName: string;
  readonly type: "User" | "Group" | "ServicePrincipal";
  readonly disabled: boolean;
}
