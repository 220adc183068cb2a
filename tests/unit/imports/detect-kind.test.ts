import { describe, expect, it } from "vitest";
import { kindOfColumns, kindOfEntries, kindOrder } from "@/lib/domain/imports/detect-kind";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";

const id = "11111111-2222-4333-8444-555555555555";
const group = "/providers/Microsoft.Management/managementGroups/contoso";

describe("a list as an Azure command writes it", () => {
  it.each<[ImportKind | null, object]>([
    ["ManagementGroups", { id: group, displayName: "Contoso" }],
    ["ManagementGroups", { id: group.toLowerCase() }],
    ["Hierarchy", { id: group, parent: null }],
    ["Hierarchy", { id: `/subscriptions/${id}`, type: "/subscriptions" }],
    ["Resources", { id: `${group}/x`, name: "x", type: "x" }],
    [null, { id: `x${group}` }],
    ["Subscriptions", { id, tenantId: "t", name: "Production" }],
    [null, { id, name: "Production" }],
    [null, { id: `x${id}`, tenantId: "t", name: "Production" }],
    [null, { id: `${id}0`, tenantId: "t", name: "Production" }],
    [null, { id: "", tenantId: "t", name: "Production" }],
    ["ResourceGroups", { id: `/subscriptions/${id}/resourceGroups/web`, name: "web", type: "x" }],
    ["ResourceGroups", { id: `/SUBSCRIPTIONS/${id}/resourcegroups/web` }],
    [null, { id: `x/subscriptions/${id}/resourceGroups/web` }],
    ["Resources", { id: `/subscriptions/${id}/resourceGroups/web/x`, name: "x", type: "x" }],
    [null, { id: "/x", name: "x" }],
    [null, { id: "x", name: "x", type: "x" }],
    ["Users", { displayName: "Ada", userPrincipalName: "ada" }],
    ["Users", { displayName: "Ada", email: "ada" }],
    [null, { displayName: "Ada" }],
    [null, { email: "ada" }],
    ["Groups", { displayName: "Ops", securityEnabled: true }],
    ["Groups", { mailEnabled: false }],
    ["Groups", { groupTypes: [] }],
    ["GroupMembers", { group: "g", member: "m" }],
    [null, { group: "g" }],
    [null, { member: "m" }],
    ["RoleDefinitions", { roleName: "Dev", permissions: [] }],
    [null, { roleName: "Dev" }],
    ["RoleAssignments", { principalId: "p", scope: "/" }],
    ["RoleAssignments", { principal: "p", role: "r", scope: "/" }],
    [null, { principal: "p", scope: "/" }],
    [null, {}],
  ])("is %s where an entry is %j", (kind, entry) => {
    expect(kindOfEntries([entry])).toBe(kind);
  });

  it.each<[ImportKind | null, string]>([
    ["Eligibilities", "Microsoft.Authorization/roleEligibilityScheduleInstances"],
    ["Eligibilities", "Microsoft.Authorization/RoleEligibilityScheduleInstance"],
    ["ActiveAssignments", "Microsoft.Authorization/roleAssignmentScheduleInstances"],
    ["ActiveAssignments", "Microsoft.Authorization/roleAssignmentScheduleInstance"],
    ["RoleSettings", "Microsoft.Authorization/roleManagementPolicyAssignments"],
    ["RoleSettings", "Microsoft.Authorization/roleManagementPolicyAssignment"],
    ["RoleSettings", "Microsoft.Authorization/roleManagementPolicies"],
    ["RoleSettings", "Microsoft.Authorization/roleManagementPolicy"],
    [null, "Microsoft.Authorization/roleEligibilityScheduleInstances/x"],
    [null, "Microsoft.Authorization/roleAssignmentScheduleInstances/x"],
    [null, "Microsoft.Authorization/roleManagementPolicies/x"],
    [null, "Microsoft.Authorization/roleEligibilityScheduleRequests"],
  ])("is %s where PIM calls an entry %s", (kind, type) => {
    expect(kindOfEntries([{ type, properties: {} }])).toBe(kind);
    expect(kindOfEntries([{ type }])).toBeNull();
  });

  it("is a hierarchy if any of its management groups has a parent or is a subscription", () => {
    expect(kindOfEntries([{ id: group }, { id: group }])).toBe("ManagementGroups");
    expect(kindOfEntries([{ id: group }, { id: group, parent: {} }])).toBe("Hierarchy");
    expect(kindOfEntries([{ id: group }, { type: "/Subscriptions" }])).toBe("Hierarchy");
    for (const type of ["x/subscriptions", "/subscriptions/x", 7])
      expect(kindOfEntries([{ id: group }, { type }])).toBe("ManagementGroups");
  });

  it("is of no kind where it is empty or no list of objects", () => {
    for (const entries of [[], [null], ["text"], [7], [["id", "name"]]])
      expect(kindOfEntries(entries)).toBeNull();
  });
});

describe("a CSV file", () => {
  it.each<[ImportKind | null, string]>([
    ["Users", "id,displayName,email"],
    ["Users", ' "ID" , DISPLAYNAME ,email ,,'],
    ["Hierarchy", "id,displayName,parent"],
    ["Resources", "id,name,type"],
    ["Resources", "id,name,type,parent"],
    ["Subscriptions", "id,name,parent"],
    ["ResourceGroups", "id,name"],
    ["GroupMembers", "group,member"],
    ["RoleDefinitions", "id,roleName,description,actions,assignableScopes"],
    ["RoleAssignments", "principal,role,scope"],
    [null, "id"],
    [null, "id,name,colour"],
    [null, "displayName,email,scope"],
    [null, "principal,role"],
    [null, ""],
  ])("is %s by the columns %s", (kind, columns) => {
    expect(kindOfColumns(columns.split(","))).toBe(kind);
  });
});

it("kinds are applied in the order in which one rests on the other", () => {
  const kinds: ImportKind[] = [
    ...(["RoleAssignments", "Users", "ManagementGroups", "RoleSettings", "GroupMembers"] as const),
    ...(["ActiveAssignments", "Resources", "Eligibilities", "RoleDefinitions", "Groups"] as const),
    ...(["ResourceGroups", "Subscriptions", "Hierarchy"] as const),
  ];
  expect(kinds.sort(kindOrder)).toEqual([
    ...["ManagementGroups", "Hierarchy", "Subscriptions", "ResourceGroups", "Resources", "Users", "Groups"],
    ...["GroupMembers", "RoleDefinitions", "RoleSettings"],
    ...["Eligibilities", "ActiveAssignments", "RoleAssignments"],
  ]);
});
