import { z } from "zod";

/** What a principal is, in words. */
export const principalTypes = {
  User: "User",
  Group: "Group",
  ServicePrincipal: "Service principal",
} as const;
export type PrincipalType = keyof typeof principalTypes;

export const displayNameField = z
  .string()
  .trim()
  .min(1, "Give a name.")
  .max(200, "Write at most 200 characters.")
  .refine((text) => !/\p{Cc}/u.test(text), "Leave out line breaks and control characters.");

export const emailField = z
  .string()
  .trim()
  .toLowerCase()
  .max(320, "Write at most 320 characters.")
  .pipe(z.email("Enter an email address, such as ada@contoso.example."));

/** What another system calls it, such as its object id in a directory; null when empty. */
export const externalIdField = z
  .string()
  .trim()
  .max(400, "Write at most 400 characters.")
  .refine((text) => !/[\p{Cc}\s]/u.test(text), "Leave out spaces and control characters.")
  .optional()
  .transform((text) => text || null);

/** How long an invitation link is good for, in days. */
export const invitationDays = 7;
/** How long a one-time password is good for, in days. */
export const oneTimePasswordDays = 3;
