import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { rolesAddress, rolesFilter } from "@/app/(portal)/resources/[resourceId]/roles-filter";
import { allAccess } from "@/lib/domain/assignments/access-filter";
import { parsePaletteSearch } from "@/lib/domain/preferences/palette-search";
import { containing, searched, wordsOf } from "@/lib/domain/search/like-pattern";
import { accessFilter, accessParameters } from "@/lib/web/access-address";
import { filterQuery } from "@/lib/web/saved-filter";
import { shortcuts, shortcutsFor } from "@/lib/web/shortcuts";

describe("what is typed into the palette", () => {
  it("is words, and an activation when it begins so, however far it is typed", () => {
    expect(parsePaletteSearch("  Web  SHOP ")).toEqual({
      words: ["web", "shop"],
      activation: null,
      placed: [],
    });
    expect(parsePaletteSearch("activate").activation).toEqual([{ role: [], scope: [] }]);
    expect(parsePaletteSearch("Activate key vault").activation).toEqual([
      { role: ["key", "vault"], scope: [] },
    ]);
    expect(parsePaletteSearch("activate contributor on").activation).toContainEqual({
      role: ["contributor"],
      scope: [],
    });
    expect(parsePaletteSearch("activate contributor on prod web").activation).toContainEqual({
      role: ["contributor"],
      scope: ["prod", "web"],
    });
    expect(parsePaletteSearch("activated roles").activation).toBeNull();
  });

  it("may part the role from the scope at every word on, since names have it too", () => {
    expect(parsePaletteSearch("activate power on contributor on prod").activation).toEqual([
      { role: ["power", "on", "contributor", "on", "prod"], scope: [] },
      { role: ["power"], scope: ["contributor", "on", "prod"] },
      { role: ["power", "on", "contributor"], scope: ["prod"] },
    ]);
    expect(parsePaletteSearch("activate on prod").activation).toContainEqual({ role: [], scope: ["prod"] });
    expect(parsePaletteSearch("activate monitoring").activation).toHaveLength(1);
  });

  it("stands for itself in a pattern", () => {
    expect(containing("50%_\\")).toBe("%50\\%\\_\\\\%");
    expect(parsePaletteSearch("a\0b").words).toEqual(["ab"]);
  });
});

describe("a filter that is kept", () => {
  it("is what filters the list and nothing else of the address", () => {
    const query = {
      kind: "RoleActivated",
      after: "x",
      evil: "1",
      actor: "",
      outcome: ["a", "b"],
      below: "1",
    };
    expect(filterQuery("audit", query)).toBe("kind=RoleActivated&below=1");
    expect(filterQuery("assignments", { tab: "active" })).toBe("");
    expect(filterQuery("assignments", { search: "Ada", tab: "active" })).toBe("tab=active&search=Ada");
    expect(filterQuery("people", { type: "Group", sort: "-name" })).toBe("");
    expect(filterQuery("people", { type: "Group", status: "disabled" })).toBe("type=Group&status=disabled");
  });

  it("of all assignments holds whatever a figure can lead to", () => {
    const filter = {
      ...allAccess,
      ...{ resourceId: randomUUID(), below: true, roleDefinitionId: randomUUID(), state: "Active" as const },
      ...{ when: new Date("2026-03-02T09:00:00Z"), from: "2026-01-01", to: "2026-02-01", search: "Ada" },
      order: { by: "end" as const, descending: true },
      ...{ createdWithinDays: 30, endsWithinDays: 14, withoutMfa: "people" as const },
    };
    const kept = filterQuery("access", accessParameters(filter));
    expect(accessFilter(Object.fromEntries(new URLSearchParams(kept)))).toEqual(filter);
  });
});

describe("which roles an address asks for", () => {
  it("leaves out what makes no sense in it, whoever wrote it", () => {
    const nothing = { search: "", after: "", used: true };
    expect(rolesFilter({ search: ["a", "b"], after: ["c"], show: "x" })).toEqual(nothing);
    expect(rolesFilter({ search: "\0 Reader ", show: "used" })).toEqual({
      ...{ search: "Reader", after: "", used: true },
    });
    expect(rolesFilter({ search: "Reader" }).used).toBe(false);
    expect(rolesFilter({ show: "all" }).used).toBe(false);
    const address = rolesAddress("/roles", { search: "a&b", after: "", used: true }, "reader 1");
    expect(rolesFilter(Object.fromEntries(new URL(address, "http://x").searchParams))).toEqual({
      ...{ search: "a&b", after: "reader 1", used: true },
    });
  });
});

describe("shortcuts", () => {
  it("are each pressed differently, and lead only where the person can go", () => {
    const keys = shortcuts.map((each) => each.keys.join(" "));
    expect(new Set(keys).size).toBe(keys.length);
    expect(shortcutsFor(["/"]).map((each) => each.label)).toEqual([
      "Home",
      "Search this page, or everything",
      "This list",
    ]);
  });
});

describe("a text that is searched for", () => {
  it("is a scope if it begins with a slash, and an address or a name otherwise", () => {
    expect(searched("/subscriptions/a/")).toBe("/subscriptions/a");
    expect(searched("web/")).toBe("web/");
    expect(searched("Andre\u0301")).toBe("Andr\u00e9");
  });

  it("has twelve words at the most", () => {
    expect(wordsOf("  prod   web ")).toEqual(["prod", "web"]);
    expect(wordsOf("")).toEqual([]);
    expect(wordsOf(Array.from({ length: 14 }, (_, index) => `w${index}`).join(" "))).toHaveLength(12);
  });
});
