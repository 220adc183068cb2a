import { type ImportKind, importKinds } from "@/lib/domain/imports/import-kinds";

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
const has = (entry: object, ...names: string[]) => names.every((name) => Object.hasOwn(entry, name));
const textOf = (value: unknown) => (typeof value === "string" ? value : "");

/** ARM's names of the types of PIM's answers. */
const ofPim: readonly (readonly [RegExp, ImportKind])[] = [
  [/\/roleEligibilityScheduleInstances?$/i, "Eligibilities"],
  [/\/roleAssignmentScheduleInstances?$/i, "ActiveAssignments"],
  [/\/roleManagementPolic(?:y|ies)(?:Assignments?)?$/i, "RoleSettings"],
];

/** The kind of a list, by its entries as an Azure command writes them. Null if no kind matches. */
export function kindOfEntries(entries: readonly unknown[]): ImportKind | null {
  const all = entries.map(record);
  const [entry = {}] = all;
  const id = textOf(Reflect.get(entry, "id"));
  const type = textOf(Reflect.get(entry, "type"));
  const pim = ofPim.find(([pattern]) => pattern.test(type));
  if (pim && has(entry, "properties")) return pim[1];
  if (has(entry, "group", "member")) return "GroupMembers";
  if (has(entry, "roleName", "permissions")) return "RoleDefinitions";
  if (has(entry, "principalId", "scope") || has(entry, "principal", "role", "scope"))
    return "RoleAssignments";
  const inHierarchy = (each: object) =>
    has(each, "parent") || /^\/subscriptions$/i.test(textOf(Reflect.get(each, "type")));
  if (/^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i.test(id) || type === "/subscriptions")
    return all.some(inHierarchy) ? "Hierarchy" : "ManagementGroups";
  if (has(entry, "tenantId", "name") && /^[0-9a-f-]{36}$/i.test(id)) return "Subscriptions";
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(id)) return "ResourceGroups";
  if (id.startsWith("/") && has(entry, "name", "type")) return "Resources";
  if (has(entry, "displayName") && (has(entry, "userPrincipalName") || has(entry, "email"))) return "Users";
  const isGroup = ["securityEnabled", "mailEnabled", "groupTypes"].some((name) => has(entry, name));
  return isGroup ? "Groups" : null;
}

/** CSV files are recognised by columns that only their kind has, in this order. */
const byColumns: readonly (readonly [ImportKind, readonly string[]])[] = [
  ["RoleDefinitions", ["roleName", "assignableScopes"]],
  ["GroupMembers", ["group", "member"]],
  ["RoleAssignments", ["principal", "role", "scope"]],
  ["Users", ["displayName", "email"]],
  ["Hierarchy", ["id", "displayName", "parent"]],
  ["Resources", ["id", "name", "type"]],
  ["Subscriptions", ["id", "name", "parent"]],
  ["ResourceGroups", ["id", "name"]],
];

/** The kind of a CSV file by the names in its first line. Null if no kind or several match. */
export function kindOfColumns(names: readonly string[]): ImportKind | null {
  const given = names.map((name) => name.trim().replaceAll('"', "").toLowerCase()).filter(Boolean);
  const found = byColumns.find(([, columns]) => columns.every((name) => given.includes(name.toLowerCase())));
  if (!found) return null;
  const [kind] = found;
  const known: readonly string[] = importKinds[kind].columns;
  return given.every((name) => known.some((each) => each.toLowerCase() === name)) ? kind : null;
}

/** The order in which kinds are applied: containers, people, what roles allow and require, then who has them. */
const inThisOrder: readonly ImportKind[] = [
  ...(["ManagementGroups", "Hierarchy", "Subscriptions", "ResourceGroups", "Resources"] as const),
  ...(["Users", "Groups", "GroupMembers", "RoleDefinitions", "RoleSettings"] as const),
  ...(["Eligibilities", "ActiveAssignments", "RoleAssignments"] as const),
];

/** Compares kinds by the order in which they are applied. */
export function kindOrder(left: ImportKind, right: ImportKind): number {
  return inThisOrder.indexOf(left) - inThisOrder.indexOf(right);
}
