import { isUuid } from "@/lib/domain/text/uuid";

/**
 * Distinguishes the dialogs of one page: the title, and whom or what the form is about, by id. Versions are
 * left out, since they may have changed meanwhile.
 */
export function draftOfDialog(title: string, fields: Readonly<Record<string, string | number>>): string {
  const ids = Object.values(fields).filter((value) => typeof value === "string" && isUuid(value));
  return [title, ...ids].join(" ");
}
