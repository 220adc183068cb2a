import { expect, it } from "vitest";
import { addressFault, addressOf } from "@/lib/domain/imports/import-addresses";
import { nameOf, optionalNameOf, rootOrScope, scope } from "@/lib/domain/imports/import-fields";
import {
  type FileRow,
  type ImportKind,
  importGrantsAccess,
  importTitle,
  parentScopeOf,
} from "@/lib/domain/imports/import-kinds";
import { inOrder, refuseRepeated } from "@/lib/domain/imports/import-order";
import { gatherRights, type ImportRight, maximumImportRights } from "@/lib/domain/imports/import-rights";
import { action } from "@/lib/domain/roles/permissions";

const custom = { actions: ["a/*"], notActions: [], dataActions: [], notDataActions: [] };

it("an import takes each permission once, by what its rows would allow", () => {
  const rights = gatherRights();
  const at = (resourceId: string): ImportRight => ({ resourceId, action: action.writeAssignment });
  const role = { wanted: [custom], had: [] };
  rights.add(at("a"));
  rights.add(at("a"));
  rights.add(at("b"));
  rights.add({ resourceId: "a", action: action.writeEligibility });
  rights.add({ resourceId: "a", action: action.writeRoleDefinitions, role });
  rights.add({ resourceId: "a", action: action.writeRoleDefinitions, role: { wanted: [], had: [custom] } });
  expect(rights.all("root")).toHaveLength(5);
});

it("an import of too many permissions takes them at the root, and of roles all that a role can allow", () => {
  const rights = gatherRights();
  for (let index = 0; index < maximumImportRights; index += 1)
    rights.add({ resourceId: String(index), action: action.writeAssignment });
  expect(rights.all("root")).toHaveLength(maximumImportRights);
  rights.add({
    resourceId: "a",
    action: action.writeRoleDefinitions,
    role: { wanted: [custom], had: [custom] },
  });
  expect(rights.all("root")).toEqual([
    { resourceId: "root", action: action.writeAssignment },
    {
      resourceId: "root",
      action: action.writeRoleDefinitions,
      role: {
        wanted: [{ actions: ["*"], notActions: [], dataActions: ["*"], notDataActions: [] }],
        had: [],
      },
    },
  ]);
});

const group = "/providers/Microsoft.Management/managementGroups/contoso";
const subscription = "/subscriptions/a";

it.each([
  ["/", null],
  [group, "/"],
  [group.toLowerCase(), "/"],
  [subscription, "/"],
  [`${subscription}/resourceGroups/web`, subscription],
  [
    `${subscription}/resourceGroups/web/providers/Microsoft.Web/sites/shop`,
    `${subscription}/resourceGroups/web`,
  ],
  [
    `${subscription}/resourceGroups/web/providers/Microsoft.Web/sites/shop/slots/blue`,
    `${subscription}/resourceGroups/web/providers/Microsoft.Web/sites/shop`,
  ],
  [`${subscription}/providers/Microsoft.Web/sites/shop`, subscription],
  [`${group}/providers/Microsoft.Authorization/policyAssignments/tags`, group],
  ["/providers/Microsoft.Web/sites/shop", "/"],
])("the scope %s is in %s", (child, parent) => {
  expect(parentScopeOf(child)).toBe(parent);
});

it("a scope is whole, and only where it may be the root", () => {
  const reads = (text: string) => [rootOrScope, scope].map((shape) => shape.safeParse(text).success);
  expect(reads("/")).toEqual([true, false]);
  expect(rootOrScope.parse(" / ")).toBe("/");
  expect(reads(subscription)).toEqual([true, true]);
  expect(reads(`${subscription}/`)).toEqual([true, true]);
  for (const text of ["subscriptions/a", "x/subscriptions/a", "/subscriptions//a", "//", ""])
    expect(reads(text), text).toEqual([false, false]);
});

it("an import is called by its kind, and takes a reason where its rows give access", () => {
  expect((["Users", "Eligibilities", "Several"] as const).map(importTitle)).toEqual([
    ...["Users", "Eligible assignments of PIM", "Several kinds"],
  ]);
  expect((["Users", "GroupMembers", "Several"] as const).map(importGrantsAccess)).toEqual([
    false,
    true,
    true,
  ]);
});

it("a name has at most so many characters, and a fault in the words of a file", () => {
  expect(nameOf(3).safeParse("web").success).toBe(true);
  expect(nameOf(3).safeParse("webs").error?.issues[0]?.message).toBe("is too long");
  expect(optionalNameOf(3).safeParse("web").data).toBe("web");
  expect(optionalNameOf(3).safeParse("webs").success).toBe(false);
  expect(optionalNameOf(3).safeParse(null).data).toBeNull();
  expect(nameOf(30).safeParse("we\u202eb").error?.issues[0]?.message).toBe(
    "leave out line breaks, and invisible, private and control characters",
  );
});

const row = (number: number, data: object): FileRow => ({
  number,
  line: number,
  title: `Row ${number}`,
  data,
});

it.each<[ImportKind, object, object, object]>([
  [
    "Users",
    { externalId: "x", email: "a@contoso.example" },
    { email: "A@CONTOSO.example" },
    { email: "b@c.example" },
  ],
  ["Users", { externalId: "x" }, { externalId: "X", email: "c@contoso.example" }, { externalId: "y" }],
  [
    "Groups",
    { displayName: "Ops" },
    { displayName: "OPS", externalId: "1" },
    { displayName: "x", externalId: "ops" },
  ],
  [
    "Groups",
    { displayName: "Ops", externalId: "1" },
    { displayName: "x", externalId: "1" },
    { displayName: "1" },
  ],
  ["Groups", { displayName: "Ops" }, { displayName: "ops" }, { displayName: "Dev" }],
  [
    "Eligibilities",
    { principal: "p", role: "r", scope: "/" },
    { principal: "p", role: "R", scope: "/" },
    { principal: "q", role: "r", scope: "/" },
  ],
  ["RoleSettings", { role: "r", scope: "/" }, { role: "R", scope: "/" }, { role: "r", scope: subscription }],
  ["GroupMembers", { group: "g", member: "m" }, { group: "G", member: "m" }, { group: "g", member: "n" }],
  [
    "RoleDefinitions",
    { id: "1", roleName: "Dev" },
    { id: "2", roleName: "dev" },
    { id: "3", roleName: "Devs" },
  ],
  [
    "RoleAssignments",
    { principal: "p", role: "r", scope: "/" },
    { principal: "P", role: "r", scope: "/" },
    { principal: "p", role: "r", scope: "/subscriptions/a" },
  ],
  [
    "Resources",
    { scope: subscription },
    { scope: subscription.toUpperCase() },
    { scope: `${subscription}b` },
  ],
])("a file of %s names a thing once", (kind, first, again, other) => {
  const bad: FileRow = { number: 9, line: 9, title: "Bad", fault: "It is bad." };
  const rows = refuseRepeated(kind, [row(1, first), bad, row(2, again), row(3, other)]);
  expect(rows.map((each) => ("fault" in each ? each.fault : "good"))).toEqual([
    "good",
    "It is bad.",
    "It is the same as row 1.",
    "good",
  ]);
});

it("containers come before what is in them, and the rest as in the file", () => {
  const scopes = [`${subscription}/resourceGroups/web`, "/subscriptions/b", subscription];
  const ordered = inOrder(scopes.map((each, index) => row(index + 1, { scope: each })));
  expect(ordered.map(({ number }) => number)).toEqual([2, 3, 1]);
  expect(inOrder([...ordered].reverse()).map(({ number }) => number)).toEqual([2, 3, 1]);
});

it("containers are those that a file names, however it writes them, and a circle of them ends", () => {
  const at = (name: string) => `/providers/Microsoft.Management/managementGroups/${name}`;
  const placed = (number: number, name: string, parent: string) =>
    row(number, { scope: at(name), parentScope: at(parent) });
  const rows = [placed(1, "Web", "shops"), placed(2, "SHOPS", "sales"), placed(3, "sales", "root")];
  expect(inOrder(rows).map(({ number }) => number)).toEqual([3, 2, 1]);
  const circle = [placed(1, "a", "b"), placed(2, "b", "a"), row(3, { scope: subscription })];
  expect(inOrder(circle).map(({ number }) => number)).toEqual([3, 1, 2]);
});

it("the address of a user is Postern's own, or a directory's that takes mail", () => {
  const none = { email: null, userPrincipalName: null, mail: null };
  const guest = "ada_contoso.example#EXT#@fabrikam.example";
  const mail = "ada@contoso.example";
  expect(addressOf({ ...none, userPrincipalName: guest, mail })).toBe(mail);
  expect(addressOf({ ...none, userPrincipalName: mail })).toBe(mail);
  expect(addressOf({ ...none, email: "none", mail })).toBeNull();
  expect(addressFault({ ...none, userPrincipalName: guest })).toEqual({
    ...{ path: ["mail"], message: "is missing, and a guest's userPrincipalName is no address" },
  });
  expect(addressFault({ ...none, userPrincipalName: guest, mail: "none" })).toEqual({
    ...{ path: ["mail"], message: "is not an email address" },
  });
  expect(addressFault({ ...none, userPrincipalName: guest, email: "none" }).path).toEqual(["email"]);
  expect(addressFault({ ...none, userPrincipalName: "ada" }).path).toEqual(["userPrincipalName"]);
  expect(addressFault(none)).toEqual({ path: ["email"], message: "is missing" });
});
