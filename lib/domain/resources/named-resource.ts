import { limits } from "@/lib/domain/text/limits";
import { nameFault, normalisedName } from "@/lib/domain/text/names";

/** The name of a resource as it is stored, or what is wrong with what was typed. */
export function readResourceName(
  text: string,
): { readonly ok: true; readonly name: string } | { readonly ok: false; readonly message: string } {
  const name = normalisedName(text);
  if (name === "" || name.length > limits.resourceName)
    return { ok: false, message: `Give a name of at most ${limits.resourceName} characters.` };
  const message = nameFault(text);
  return message === null ? { ok: true, name } : { ok: false, message };
}
