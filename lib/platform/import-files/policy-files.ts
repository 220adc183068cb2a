import { splitArray } from "@/lib/platform/import-files/json-entries";

/** Whether this is ARM's type of a policy that names no role. */
export const isPolicies = (type: unknown) =>
  typeof type === "string" && /\/roleManagementPolicies$/i.test(type);

/** Why policies alone are refused. */
export const policiesAlone =
  "This is the answer of roleManagementPolicies, which does not say whose settings these are. Add the answer of roleManagementPolicyAssignments of the same scope, which names the roles and has the same rules.";

/**
 * Why a file of role settings cannot be read by itself: it lists policies, which name no role. Null for any other
 * file, and if one of these files has the assignments of all its policies, which contain everything that it does.
 */
export function policiesFault(file: string, beside: readonly string[]): string | null {
  const ids = policiesOf(file);
  if (ids === null) return null;
  const named = new Set(
    beside.flatMap((text) =>
      [...text.matchAll(/"policyId"\s*:\s*"([^"]{1,1000})"/g)].map(([, id = ""]) => id.toLowerCase()),
    ),
  );
  return ids.every((id) => named.has(id)) ? null : policiesAlone;
}

/** The ids of the policies in a file that lists nothing else; null for any other. */
export function policiesOf(file: string): string[] | null {
  const read = splitArray(file.trim());
  if (!read.ok || read.entries.length === 0) return null;
  const ids: string[] = [];
  for (const { text } of read.entries) {
    let entry: unknown;
    try {
      entry = JSON.parse(text);
    } catch {
      return null;
    }
    if (typeof entry !== "object" || entry === null || !isPolicies(Reflect.get(entry, "type"))) return null;
    const id: unknown = Reflect.get(entry, "id");
    ids.push(typeof id === "string" ? id.toLowerCase() : "");
  }
  return ids;
}
