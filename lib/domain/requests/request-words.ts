import { extendsActivation } from "@/lib/domain/requests/request-subject";

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

/** What a request asks for, in words. ARM has one type for both kinds of extensions. */
export function requestTypeInWords(request: {
  readonly requestType: keyof typeof requestTypeWords;
  readonly durationMinutes: number | null;
}): string {
  return extendsActivation(request) ? "Extend activation" : requestTypeWords[request.requestType];
}
