import { expect, it } from "vitest";
import { above, missingAbove, nearestAbove, type Planned } from "@/lib/domain/imports/resources-above";
import { sameNameKey } from "@/lib/domain/text/names";

const row = (scope: string, parentScope: string | null = null) => ({
  ...{ scope, parentScope, displayName: "x", resourceType: "databases" },
});
const keyed = <Value>(values: Readonly<Record<string, Value>>) =>
  new Map(Object.entries(values).map(([scope, value]) => [sameNameKey(scope), value]));
const none = new Map<string, Planned>();
const typeOf = (segment: string) => ({ databases: "Database", schemas: "Schema" })[segment] ?? null;

it("the scopes above a row follow its path, or its parent and what is above that", () => {
  expect(above(row("/databases/orders/schemas/sales"))).toEqual(["/databases/orders", "/"]);
  expect(above(row("/subscriptions/s", "/providers/Microsoft.Management/managementGroups/g"))).toEqual([
    "/providers/Microsoft.Management/managementGroups/g",
    "/",
  ]);
  expect(above(row("/"))).toEqual([]);
});

it("what is missing above a row is made outermost first, up to what is known or planned already", () => {
  const scope = "/databases/orders/schemas/sales";
  const orders = {
    ...row("/databases/orders"),
    displayName: "orders",
    resourceType: "Database",
    parent: "/",
  };
  const sales = { ...row(scope), displayName: "sales", resourceType: "Schema", parent: "/databases/orders" };
  const root = keyed({ "/": {} });
  expect(missingAbove(scope, root, none, typeOf)).toEqual([orders, sales]);
  expect(missingAbove(scope, keyed({ "/": {}, "/Databases/Orders": {} }), none, typeOf)).toEqual([sales]);
  expect(missingAbove(scope, root, keyed({ "/databases/orders": orders }), typeOf)).toEqual([sales]);
  expect(missingAbove(scope, keyed({ [scope]: {} }), none, typeOf)).toEqual([]);
});

it("nothing is made of a path whose types are not known, or that ends at no known root", () => {
  expect(missingAbove("/queues/orders", keyed({ "/": {} }), none, typeOf)).toBeNull();
  expect(missingAbove("/databases/orders/queues/q", keyed({ "/": {} }), none, typeOf)).toBeNull();
  expect(missingAbove("/databases/orders", new Map(), none, () => "Database")).toBeNull();
});

it("the nearest known resource is the scope itself, or the first one above it, planned parents included", () => {
  const known = keyed({ "/": "root", "/databases/orders": "orders", "/groups/g": "group" });
  expect(nearestAbove("/Databases/Orders", known, none)).toBe("orders");
  expect(nearestAbove("/databases/orders/schemas/sales", known, none)).toBe("orders");
  expect(nearestAbove("/databases/other", known, none)).toBe("root");
  const planned = { ...row("/databases/moved"), displayName: "moved", parent: "/groups/g" };
  expect(nearestAbove("/databases/moved", known, keyed({ "/databases/moved": planned }))).toBe("group");
  expect(nearestAbove("/databases/orders", new Map<string, string>(), none)).toBeNull();
});
