/** Request types in words, by ARM's names (docs/glossary.md). */
export const requestTypeWords = {
  AdminAssign: "Assign",
  AdminUpdate: "Update assignment",
  AdminExtend: "Extend assignment",
  AdminRenew: "Renew assignment",
  AdminRemove: "Remove assignment",
  SelfActivate: "Activate",
  SelfDeactivate: "Deactivate",
  SelfExtend: "Extend",
  SelfRenew: "Renew",
} as const;
