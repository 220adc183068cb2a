import { describe, expect, it } from "vitest";
import { ofArm } from "@/lib/domain/imports/arm-entry";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { importPrincipalShape } from "@/lib/domain/imports/import-principal";
import { rowOf } from "@/lib/domain/imports/read-row";
import { storedRows } from "@/lib/domain/imports/stored-rows";

const id = "11111111-2222-4333-8444-55555555555a";
const above = "/providers/Microsoft.Management/managementGroups/";
const group = `${above}contoso`;
const place = { number: 1, line: 2 };
/** What an entry is as a row, or what is wrong with it. */
const read = (kind: ImportKind, value: unknown): unknown => {
  const row = rowOf(kind, place, value);
  return "data" in row ? row.data : row.fault;
};
const titleOf = (kind: ImportKind, value: unknown) => rowOf(kind, place, value).title;

describe("people and groups in a file", () => {
  const user = { displayName: " Ada ", userPrincipalName: "Ada@x.example" };
  const ada = { externalId: null, displayName: "Ada", email: "ada@x.example", enabled: true };

  it("are users with their id there, enabled unless they are not", () => {
    expect(read("Users", user)).toEqual(ada);
    expect(read("Users", { ...user, id: "1", objectId: "2", accountEnabled: null })).toEqual({
      ...{ ...ada, externalId: "1" },
    });
    expect(read("Users", { ...user, objectId: "2", accountEnabled: false })).toEqual({
      ...{ ...ada, externalId: "2", enabled: false },
    });
    expect(read("Users", { ...user, accountEnabled: "no" })).toBe(
      "accountEnabled is neither true nor false.",
    );
  });

  it("are groups, and nothing that users or service principals have", () => {
    const named = { id: "1", objectId: "2", displayName: "Ops" };
    expect(read("Groups", named)).toEqual({ externalId: "1", displayName: "Ops" });
    expect(read("Groups", { ...named, id: null })).toEqual({ externalId: "2", displayName: "Ops" });
    expect(read("Groups", { ...named, userPrincipalName: "x" })).toBe(
      "userPrincipalName is what users have: import it as one.",
    );
    expect(read("Groups", { ...named, appId: "x" })).toBe(
      "appId is what service principals have: this is no group.",
    );
  });

  it("are members by the first name that they have", () => {
    const member = { group: "g", member: "Ada@x.example", id: "1", objectId: "2", userPrincipalName: "upn" };
    const of = (changes: object) => read("GroupMembers", { ...member, ...changes });
    expect(of({ displayName: "Ada" })).toEqual({ group: "g", member: "ada@x.example", memberName: "Ada" });
    expect(of({ member: null })).toEqual({ group: "g", member: "1", memberName: "upn" });
    expect(of({ member: null, id: null })).toMatchObject({ member: "2" });
    expect(of({ member: null, id: null, objectId: null })).toMatchObject({ member: "upn" });
    expect(read("GroupMembers", {})).toBe("group is missing: name the group; member is missing.");
    expect(read("GroupMembers", { member: "m" })).toBe("group is missing: name the group.");
    expect(read("GroupMembers", { group: "g" })).toBe("member is missing.");
  });
});

describe("a role in a file", () => {
  const role = { roleName: "Dev", permissions: [{}], assignableScopes: ["/"] };
  const dev = {
    ...{ id: null, roleName: "Dev", builtIn: false, description: "", assignableScopes: ["/"] },
    permissions: [{ actions: [], notActions: [], dataActions: [], notDataActions: [] }],
  };

  it("has its id, its permissions and its scopes", () => {
    expect(read("RoleDefinitions", role)).toEqual(dev);
    const permission = { actions: ["a/*"], notActions: ["b"], dataActions: ["c"], notDataActions: ["d"] };
    expect(
      read("RoleDefinitions", {
        ...{ ...role, id: `/x/${id}`, roleType: "builtInRole", description: " Deploys " },
        permissions: [permission],
      }),
    ).toEqual({ ...dev, id, builtIn: true, description: "Deploys", permissions: [permission] });
    const other = id.replace("1", "2");
    expect(read("RoleDefinitions", { ...role, name: id.toUpperCase(), id: other })).toMatchObject({ id });
    expect(read("RoleDefinitions", { ...role, name: "Dev", id: other })).toMatchObject({ id: other });
  });

  it("is refused without permissions or scopes, or with patterns that no role may have", () => {
    expect(read("RoleDefinitions", { ...role, permissions: [], assignableScopes: [] })).toBe(
      "permissions is empty; assignableScopes is empty.",
    );
    const of = (actions: unknown) => read("RoleDefinitions", { ...role, permissions: [{ actions }] });
    expect(of([" a/* "])).toMatchObject({ permissions: [{ actions: ["a/*"] }] });
    expect(of(["x".repeat(300)])).toMatchObject({ permissions: [{ actions: ["x".repeat(300)] }] });
    expect(of(["x".repeat(301)])).toBe("permissions.0.actions.0 has a pattern that is too long.");
    expect(of(Array(2_001).fill("x"))).toBe("permissions.0.actions has too many patterns.");
    expect(of("x")).toBe("permissions.0.actions is not a list.");
    expect(read("RoleDefinitions", { ...role, assignableScopes: Array(2_001).fill("/") })).toBe(
      "assignableScopes has too many scopes.",
    );
    expect(read("RoleDefinitions", { ...role, permissions: Array(21).fill({}) })).toContain("permissions: ");
  });
});

describe("access in a file", () => {
  const entry = { principal: "Ada@x.example", role: "Reader", scope: "/" };
  const assignment = {
    ...{ principal: "ada@x.example", principalType: null, principalName: null },
    ...{ role: "Reader", roleDefinitionName: null, scope: "/" },
  };
  const of = (changes: object, kind: ImportKind = "RoleAssignments") => read(kind, { ...entry, ...changes });

  it("names who and which role in the first way that it has", () => {
    expect(of({})).toEqual(assignment);
    expect(of({ principalId: "1", principalName: "Ada", principalType: "serviceprincipal" })).toEqual({
      ...{ ...assignment, principalName: "Ada", principalType: "ServicePrincipal" },
    });
    expect(of({ principal: null, principalId: "1", principalName: "Ada" })).toMatchObject({ principal: "1" });
    expect(of({ principal: null, principalName: "Ada" })).toMatchObject({ principal: "Ada" });
    const others = { roleDefinitionId: `/x/${id}`, roleDefinitionName: "Owner" };
    expect(of(others)).toMatchObject({ role: "Reader", roleDefinitionName: "Owner" });
    expect(of({ ...others, role: null })).toMatchObject({ role: id });
    expect(of({ ...others, role: null, roleDefinitionId: "/x" })).toMatchObject({ role: "Owner" });
    expect(of({ principal: null, role: null })).toBe("principal is missing; role is missing.");
    expect(of({ principal: null })).toBe("principal is missing.");
    expect(of({ role: null })).toBe("role is missing.");
    expect(of({ condition: "" })).toEqual(assignment);
    expect(of({ condition: "x" })).toContain("condition is set");
    expect(of({ principalType: "UNKNOWN" })).toBe(
      "principalType is Unknown, which Azure uses for a principal that was deleted there.",
    );
    expect(of({ principalType: "Device" })).toBe("principalType is none of User, Group, ServicePrincipal.");
  });

  it("of PIM has its times, and is in effect there", () => {
    const of = (changes: object, kind: ImportKind = "Eligibilities") =>
      read(kind, { properties: { ...entry, ...changes } });
    expect(of({})).toEqual({ ...assignment, startsAt: null, endsAt: null });
    const [one, two] = ["2027-01-31T17:00:00.000Z", "2027-02-28T17:00:00.000Z"];
    const other = "2028-01-01T00:00:00Z";
    expect(of({ start: one, end: two, startDateTime: other, endDateTime: other })).toMatchObject({
      ...{ startsAt: one, endsAt: two },
    });
    expect(of({ startDateTime: "2027-01-31T18:00:00+01:00", endDateTime: two })).toMatchObject({
      ...{ startsAt: one, endsAt: two },
    });
    expect(of({ start: "2027-01-31" })).toBe("start is not a moment, such as 2027-01-31T17:00:00Z.");
    expect(of({ status: null }, "ActiveAssignments")).toMatchObject({ role: "Reader" });
    for (const status of ["Accepted", "provisioned", "Granted", "ScheduleCreated", null])
      expect(of({ status }), String(status)).toMatchObject({ role: "Reader" });
    expect(of({ status: "Revoked" })).toBe("status: says that it is not in effect there.");
    expect(of({ memberType: "Direct" })).toMatchObject({ role: "Reader" });
    expect(of({ memberType: "GROUP" })).toContain("memberType is Group");
    expect(of({ assignmentType: "Activated" })).toMatchObject({ role: "Reader" });
    expect(of({}, "ActiveAssignments")).toMatchObject({ role: "Reader" });
    expect(of({ assignmentType: "Assigned" }, "ActiveAssignments")).toMatchObject({ role: "Reader" });
    expect(of({ assignmentType: "ACTIVATED" }, "ActiveAssignments")).toContain("assignmentType is Activated");
  });

  it("of PIM is read without ARM's layers", () => {
    const principal = { displayName: "Ada" };
    const roleDefinition = { displayName: "Reader" };
    const names = { principalName: "Ada", roleDefinitionName: "Reader" };
    const expandedProperties = { principal, roleDefinition };
    expect(ofArm({ properties: { a: 1, expandedProperties } })).toEqual({
      ...names,
      a: 1,
      expandedProperties,
    });
    expect(ofArm({ properties: { policyAssignmentProperties: expandedProperties } })).toMatchObject(names);
    expect(ofArm({ properties: { principalName: "Eve", expandedProperties } })).toMatchObject({
      principalName: "Eve",
    });
    for (const other of [{ a: 1 }, null, "x", [1]]) expect(ofArm(other)).toBe(other);
    expect(ofArm({ properties: null })).toEqual({});
  });
});

describe("role settings in a file", () => {
  const rule = { id: "Enablement_EndUser_Assignment", enabledRules: ["Justification"] };
  const of = (changes: object) => read("RoleSettings", { role: "Reader", scope: "/", ...changes });

  it("are those of the rules in effect, for the role in the first way that it is named", () => {
    expect(of({ effectiveRules: [rule], rules: [] })).toMatchObject({
      ...{ role: "Reader", roleDefinitionName: null, scope: "/", stages: null, notifications: [] },
      settings: { activationRequiresJustification: true },
    });
    const others = { role: null, roleDefinitionId: `/x/${id}`, roleDefinitionName: "Owner", rules: [rule] };
    expect(of(others)).toMatchObject({ role: id, roleDefinitionName: "Owner" });
    expect(of({ ...others, roleDefinitionId: null })).toMatchObject({ role: "Owner" });
    for (const none of [{}, { rules: [] }, { effectiveRules: [], rules: [rule] }])
      expect(of(none)).toBe("effectiveRules is missing or empty.");
    expect(of({ role: null, rules: [rule] })).toContain("roleDefinitionId is missing: ");
  });
});

describe("resources in a file", () => {
  it("are management groups by the name that they have", () => {
    const row = { scope: group, resourceType: "Microsoft.Management/managementGroups" };
    expect(read("ManagementGroups", { id: group, displayName: "Contoso", name: "c", tenantId: "t" })).toEqual(
      { ...row, displayName: "Contoso", parentScope: null, tenantId: "t" },
    );
    expect(read("ManagementGroups", { id: group, name: "c", parent: `${above}root` })).toEqual({
      ...{ ...row, displayName: "c", parentScope: `${above}root`, tenantId: null },
    });
    expect(read("ManagementGroups", { id: group })).toMatchObject({ displayName: "contoso" });
    for (const wrong of [`${group}/x`, `/x${group}`, "/subscriptions/a", above])
      expect(read("ManagementGroups", { id: wrong }), wrong).toContain(
        "id is not the id of a management group",
      );
  });

  it("are a hierarchy of management groups and subscriptions", () => {
    const subscription = `/subscriptions/${id}`;
    expect(read("Hierarchy", { id: subscription, name: "n", parent: group })).toEqual({
      ...{ scope: subscription, displayName: "n", resourceType: "Microsoft.Resources/subscriptions" },
      ...{ parentScope: group, tenantId: null },
    });
    expect(
      read("Hierarchy", { id: group, displayName: "Contoso", name: "n", parent: { id: "/" } }),
    ).toMatchObject({
      displayName: "Contoso",
      resourceType: "Microsoft.Management/managementGroups",
      parentScope: "/",
    });
    expect(read("Hierarchy", { id: group, parent: null })).toMatchObject({ displayName: "contoso" });
    expect(read("Hierarchy", { id: group, parent: { name: "x" } })).toBe("parent is not a text.");
    for (const wrong of [`${subscription}/resourceGroups/web`, `/x${subscription}`])
      expect(read("Hierarchy", { id: wrong }), wrong).toContain("id is neither");
  });

  it("are subscriptions by their id or its scope", () => {
    const row = { displayName: "Production", resourceType: "Microsoft.Resources/subscriptions" };
    for (const given of [id, `/subscriptions/${id}`])
      expect(
        read("Subscriptions", { id: given, name: "Production", parent: group, tenantId: " t " }),
      ).toEqual({
        ...{ ...row, scope: `/subscriptions/${id}`, parentScope: group, tenantId: "t" },
      });
    expect(read("Subscriptions", { id: id.toUpperCase(), name: "x" })).toMatchObject({
      scope: `/subscriptions/${id.toUpperCase()}`,
    });
    expect(read("Subscriptions", { id: group, name: "x" })).toContain("id is not the id of a subscription");
  });

  it("are resource groups and resources, below a subscription or as paths of one's own", () => {
    const web = `/subscriptions/${id}/resourceGroups/web`;
    const row = { scope: web, displayName: "web", parentScope: null };
    expect(read("ResourceGroups", { id: web, name: "web" })).toEqual({
      ...{ ...row, resourceType: "Microsoft.Resources/resourceGroups" },
    });
    for (const wrong of [`${web}/x`, `/x${web}`])
      expect(read("ResourceGroups", { id: wrong, name: "x" })).toBe("id is not the id of a resource group.");
    expect(read("Resources", { id: web, name: "web", type: "T" })).toEqual({ ...row, resourceType: "T" });
    expect(read("Resources", { id: "/databases/orders", name: "orders", type: "T" })).toMatchObject({
      scope: "/databases/orders",
    });
    for (const wrong of [group, `/x/subscriptions/${id}/y`])
      expect(read("Resources", { id: wrong, name: "x", type: "T" }), wrong).toContain("id: begins neither");
    const placed = { id: `/subscriptions/${id}`, name: "x", type: "T", parent: group };
    expect(read("Resources", placed)).toMatchObject({ parentScope: group });
    expect(read("Resources", { ...placed, id: web })).toContain("parent is for subscriptions");
  });
});

describe("a row", () => {
  it("that cannot be stored has a fault and no title", () => {
    const deep: { self?: unknown } = {};
    deep.self = deep;
    expect(rowOf("Users", place, deep)).toEqual({ ...place, title: "", fault: "It is nested too deeply." });
    for (const letter of ["\0", "\ud800", "\udc00"])
      expect(rowOf("Users", place, { displayName: letter })).toEqual({
        ...{ ...place, title: "", fault: "It contains a character that is not text." },
      });
  });

  it("names the first three things that are wrong with it", () => {
    expect(read("Users", { id: 1, objectId: 2, displayName: 3, mail: 4 })).toBe(
      "id is not a text; objectId is not a text; displayName is not a text.",
    );
    expect(read("Users", { id: "a b\u200bc", displayName: null, email: "ada@x.example" })).toBe(
      "id: Leave out spaces; displayName is missing.",
    );
    for (const other of [null, "x", [1]])
      expect(read("Users", other)).toBe("It is not an object of names and values.");
    expect(read("Resources", { id: 1 })).toBe("id is not a text; name is missing; type is missing.");
  });

  it.each<[string, ImportKind, unknown]>([
    ["Ada, ada@x.example", "Users", { displayName: "Ada", email: "ada@x.example" }],
    ["ada@x.example", "Users", { displayName: " ", email: "ada@x.example" }],
    ["Ada, in Ops", "GroupMembers", { group: "Ops", member: "1", displayName: "Ada" }],
    ["Ada, Reader at /", "RoleAssignments", { principal: "Ada", role: "Reader", scope: "/" }],
    ["Ada, /", "RoleAssignments", { principal: "Ada", scope: "/" }],
    ["Ada", "RoleAssignments", { principal: "Ada", role: "Reader" }],
    ["web, /subscriptions/a", "Resources", { name: "web", type: "T", scope: "/subscriptions/a" }],
    ["x1", "Users", { id: "x1" }],
    ["", "Users", null],
    ["x".repeat(300), "Users", { displayName: "x".repeat(301) }],
  ])("is called %s", (title, kind, value) => {
    expect(titleOf(kind, value)).toBe(title);
  });
});

describe("a stored row", () => {
  const member = { group: "g", member: "m", memberName: null };

  it("removes members only where it says so", () => {
    expect(storedRows.groupMember.parse(member)).toEqual(member);
    expect(storedRows.groupMember.parse({ ...member, removeMembers: true })).toEqual({
      ...{ ...member, removeMembers: true },
    });
    expect(storedRows.groupMember.safeParse({ ...member, removeMembers: false }).success).toBe(false);
  });

  it("is read as it was kept", () => {
    const kept = (kind: ImportKind, value: unknown) => JSON.parse(JSON.stringify(read(kind, value)));
    const user = kept("Users", { displayName: "Ada", email: "ada@x.example" });
    expect(storedRows.user.parse(user)).toEqual(user);
    const own = kept("Groups", { displayName: "Ops" });
    expect(storedRows.group.parse(own)).toEqual(own);
    const resource = kept("ManagementGroups", { id: group });
    expect(storedRows.resource.parse(resource)).toEqual(resource);
    const role = kept("RoleDefinitions", { roleName: "Dev", permissions: [{}], assignableScopes: ["/"] });
    expect(storedRows.roleDefinition.parse(role)).toEqual(role);
    const access = kept("Eligibilities", { principal: "p", principalType: "user", role: "r", scope: "/" });
    expect(storedRows.roleAssignment.parse(access)).toEqual(access);
    const rules = [
      { id: "Enablement_EndUser_Assignment", enabledRules: ["Ticketing"] },
      { id: "Notification_Admin_EndUser_Assignment", notificationRecipients: ["a@x.example"] },
      {
        id: "Approval_EndUser_Assignment",
        setting: {
          ...{ isApprovalRequired: true, approvalStages: [{ primaryApprovers: [{ id: "1" }] }] },
        },
      },
    ];
    const settings = kept("RoleSettings", { role: "r", scope: "/", rules });
    expect(settings).toMatchObject({ stages: [{}], notifications: [{}] });
    expect(storedRows.roleSettings.parse(settings)).toEqual(settings);
    const person = { as: "Person", id: null, type: "User", displayName: "Ada" };
    const principal = { ...person, email: null, externalId: null };
    expect(importPrincipalShape.parse(principal)).toEqual(principal);
    expect(importPrincipalShape.safeParse({ ...principal, as: "Owner" }).success).toBe(false);
  });
});
