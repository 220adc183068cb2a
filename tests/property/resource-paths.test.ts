import fc from "fast-check";
import { expect, it } from "vitest";
import { parentScopeOf } from "@/lib/domain/imports/import-kinds";
import {
  longestPathName,
  ownScope,
  pathNameFault,
  readPath,
  suggestedPathName,
  takesOwn,
} from "@/lib/domain/resources/own-path";
import { segmentFault } from "@/lib/domain/resources/own-type";
import { normalisedScope } from "@/lib/domain/resources/scope";
import { armTypesBelow, scopeBelow } from "@/lib/domain/resources/scope-below";
import { scopeFault } from "@/lib/domain/text/names";

const segment = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).filter((each) => segmentFault(each) === null);
const name = fc
  .stringMatching(/^[A-Za-z0-9äßçñ日][A-Za-z0-9äé._~@+()-]{0,20}$/)
  .map((each) => each.normalize("NFC"))
  .filter((each) => pathNameFault(each) === null);
const ownName = fc.record({ segment, name });
const base = fc.oneof(
  fc.constant("/"),
  name.map((each) => `/subscriptions/${each}`),
  fc
    .tuple(name, name)
    .map(([subscription, group]) => `/subscriptions/${subscription}/resourceGroups/${group}`),
  name.map((each) => `/providers/Microsoft.Management/managementGroups/${each}`),
);
const nested = (from: string, names: readonly { segment: string; name: string }[]) =>
  names.reduce((above, each) => ownScope(above, each.segment, each.name), from);

it("reads back every path that it makes, and each has the parent that it was made below", () => {
  fc.assert(
    fc.property(base, fc.array(ownName, { minLength: 1, maxLength: 5 }), (from, names) => {
      const scope = nested(from, names);
      expect(readPath(scope)).toEqual({ kind: "Own", base: from, names });
      expect(parentScopeOf(scope)).toBe(nested(from, names.slice(0, -1)));
      expect(takesOwn(scope)).toBe(true);
      expect(normalisedScope(scope)).toBe(scope);
      expect(scopeFault(scope)).toBeNull();
    }),
  );
});

it("reads a path alike in every case", () => {
  fc.assert(
    fc.property(base, fc.array(ownName, { maxLength: 3 }), (from, names) => {
      const scope = nested(from, names);
      const shouted = readPath(scope.toUpperCase().normalize("NFC"));
      // Some letters have no single counterpart in the other case.
      fc.pre(scope.length === scope.toUpperCase().length);
      expect(shouted?.kind).toBe(readPath(scope)?.kind);
      if (shouted?.kind !== "Own") return;
      expect(shouted.names.map((each) => each.segment)).toEqual(names.map((each) => each.segment));
    }),
  );
});

it("suggests a name for the path of any name, or none", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      const suggested = suggestedPathName(text);
      expect(suggested.length).toBeLessThanOrEqual(longestPathName);
      if (suggested !== "") expect(pathNameFault(suggested)).toBeNull();
    }),
    { examples: [["\u2c00\u02d8\u{1d157}\u{1d165}"]] },
  );
  expect(suggestedPathName("  Orders & Returns (EU) ")).toBe("orders-returns-(eu)");
  expect(suggestedPathName("…")).toBe("");
});

it("never makes a path of any text that says another resource than was asked for", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom("..", ".", "a/b", "a b", "-x"),
  );
  fc.assert(
    fc.property(base, segment, hostile, (from, own, typed) => {
      const made = scopeBelow(from, own, typed, [own]);
      if (!made.ok) return;
      expect(parentScopeOf(made.scope)).toBe(from);
      expect(readPath(made.scope)).toMatchObject({
        kind: "Own",
        base: from,
        names: [{ segment: own, name: typed }],
      });
    }),
  );
});

it.each([
  "providers",
  "subscriptions",
  "resourcegroups",
  "managementgroups",
  "",
  "a/b",
  "Ä",
  "x".repeat(41),
  "9a",
])("takes no %j for the word of a type", (word) => expect(segmentFault(word)).not.toBeNull());

it("leaves to Azure what lies in its resources, and offers its upper levels where they belong", () => {
  const group = "/subscriptions/one/resourceGroups/web";
  const site = `${group}/providers/Microsoft.Web/sites/shop`;
  expect(takesOwn(site)).toBe(false);
  expect(readPath(`${site}/slots/blue`)).toEqual({ kind: "Arm", level: "Resource" });
  expect(scopeBelow(site, "slots", "blue", ["slots"])).toMatchObject({ ok: false, field: "resourceType" });
  const offered = (scope: string) => armTypesBelow(scope).map((each) => each.name);
  expect(offered("/")).toEqual(["Management group", "Subscription"]);
  expect(offered("/providers/Microsoft.Management/managementGroups/eu")).toEqual([
    "Management group",
    "Subscription",
  ]);
  expect(offered("/subscriptions/one")).toEqual(["Resource group"]);
  for (const scope of [group, site, "/databases/orders"]) expect(offered(scope)).toEqual([]);
  for (const parent of ["/", "/subscriptions/one"])
    for (const { type } of armTypesBelow(parent)) {
      const made = scopeBelow(parent, type, "one", []);
      expect(made).toMatchObject({ ok: true, resourceType: type });
      if (made.ok) expect([parentScopeOf(made.scope), readPath(made.scope)?.kind]).toEqual([parent, "Arm"]);
    }
});

it.each([
  "/databases",
  "databases/orders",
  "/databases/orders/",
  "/a b/c",
  "//x",
  "/databases/..",
  "/providers/x/y/z",
])("does not read %s", (scope) => expect(readPath(scope)).toBeNull());
