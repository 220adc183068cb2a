import { type JsonEntry, splitArray } from "@/lib/platform/import-files/json-entries";

/** Why policies alone are refused. */
export const policiesAlone =
  "This is the answer of roleManagementPolicies, which does not say whose settings these are. Add the answer of roleManagementPolicyAssignments of the same scope, which names the roles and has the same rules.";

/** The type of a policy that names no role, as it is written in an entry. */
const typePolicies = /"type"\s*:\s*"[^"]{0,200}\/roleManagementPolicies"/i;

/** The id of a policy in an entry of policies that name no role, in lower case; null for any other entry. */
function policyOf({ text }: JsonEntry): string | null {
  if (!typePolicies.test(text)) return null;
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof entry !== "object" || entry === null) return null;
  const [type, id]: unknown[] = [Reflect.get(entry, "type"), Reflect.get(entry, "id")];
  if (typeof type !== "string" || !/\/roleManagementPolicies$/i.test(type)) return null;
  return typeof id === "string" ? id.toLowerCase() : "";
}

/**
 * The policies of a list of role settings: which it lists, and which its assignments name. A list of nothing but
 * policies says whose settings none of them are; beside lists that name all of them it says nothing new.
 */
export class PolicyNames {
  readonly ids: string[] = [];
  readonly named = new Set<string>();
  private entries = 0;

  /** Reads an entry, as it comes. */
  add(entry: JsonEntry): void {
    this.entries += 1;
    const id = policyOf(entry);
    if (id !== null) this.ids.push(id);
    for (const [, named = ""] of entry.text.matchAll(/"policyId"\s*:\s*"([^"]{1,1000})"/g))
      this.named.add(named.toLowerCase());
  }

  get areAll(): boolean {
    return this.entries > 0 && this.ids.length === this.entries;
  }
}

/** Whether a whole file lists policies and nothing else. */
export function areAllPolicies(file: string): boolean {
  const read = splitArray(file.trim());
  if (!read.ok) return false;
  const names = new PolicyNames();
  for (const entry of read.entries) names.add(entry);
  return names.areAll;
}
