import { z } from "zod";
import { readMailAddress } from "@/lib/domain/people/mail-address";
import { mailAddressField } from "@/lib/domain/people/mail-address-field";
import { limits } from "@/lib/domain/text/limits";
import { nameFault, normalisedName } from "@/lib/domain/text/names";

/** What a principal is, in words. */
export const principalTypes = {
  User: "User",
  Group: "Group",
  ServicePrincipal: "Service principal",
} as const;
export type PrincipalType = keyof typeof principalTypes;

/** A name in a form or a file, as it is stored. */
export function nameField(maximum: number, missing = "Give a name.") {
  return z
    .string(missing)
    .max(10_000, `Write at most ${maximum} characters.`)
    .transform((text, context) => {
      const name = normalisedName(text);
      const fault =
        name === ""
          ? missing
          : name.length > maximum
            ? `Write at most ${maximum} characters.`
            : nameFault(text);
      if (fault === null) return name;
      context.addIssue({ code: "custom", message: fault });
      return z.NEVER;
    });
}

export const displayNameField = nameField(limits.displayName);

/** Its id in another system, such as the object id of a directory; null if empty. */
export const externalIdField = z
  .string()
  .trim()
  .max(limits.externalId, `Write at most ${limits.externalId} characters.`)
  .refine((text) => !/\s/.test(text), "Leave out spaces.")
  .refine((text) => nameFault(text) === null, "Leave out invisible, private and control characters.")
  .nullish()
  .transform((text) => text?.normalize("NFC") || null);

/**
 * What is wrong with an external id that has the form of an address. Null for any other, and for the
 * principal's own address.
 */
export function externalIdFault(names: Pick<PrincipalNames, "email" | "externalId">): string | null {
  const read = readMailAddress(names.externalId ?? "");
  // It could be the address of somebody who is not here yet, who would lose what is meant for them.
  return read.ok && read.address !== names.email ? "Give an id. Only users have a known address." : null;
}

/** The names of a principal, as they were submitted. */
export interface PrincipalNames {
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
}

const principalNames = z.object({
  displayName: displayNameField,
  email: mailAddressField.nullable(),
  externalId: externalIdField,
});

/** The names of a principal as they are stored, or what is wrong with them, by field. */
export function readPrincipalNames(
  asked: PrincipalNames,
):
  | { readonly ok: true; readonly names: PrincipalNames }
  | { readonly ok: false; readonly faults: { field: string; message: string }[] } {
  const read = principalNames.safeParse(asked);
  if (read.success) return { ok: true, names: read.data };
  const faults = read.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
  return { ok: false, faults };
}

/** How long an invitation link is valid, in days. */
export const invitationDays = 7;
/** How long a one-time password is valid, in days. */
export const oneTimePasswordDays = 3;
