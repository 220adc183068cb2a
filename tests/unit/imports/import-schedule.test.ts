import { describe, expect, it } from "vitest";
import {
  addressFault,
  exceedsRemovals,
  folderFault,
  importPlanFaults,
  importPlanInWords,
  normalImportPlan,
} from "@/lib/domain/imports/import-schedule";

const plan = {
  ...{ name: "Azure", source: "Folder" as const, location: "exports/azure", everyMinutes: 60 },
  ...{ applies: true, justification: "Nightly", capToMaximum: false, removeMembers: true },
  ...{ removalPercent: 5, removals: 50 },
};
const configured = { folder: true, hosts: ["b.example", "a.example:8443"] };

describe("removals of a scheduled import", () => {
  const exceeds = (removing: number, removedLately: number, members: number, limits = plan) =>
    exceedsRemovals(limits, { removing, removedLately, members });

  it("may reach the percentage and the number, and may exceed neither", () => {
    expect(exceeds(5, 0, 100)).toBe(false);
    expect(exceeds(6, 0, 100)).toBe(true);
    expect(exceeds(50, 0, 10_000)).toBe(false);
    expect(exceeds(51, 0, 10_000)).toBe(true);
    expect(exceeds(1, 0, 10, { ...plan, removalPercent: 0 })).toBe(true);
  });

  it("count together with those of the last day, whose members are gone", () => {
    expect(exceeds(2, 3, 97)).toBe(false);
    expect(exceeds(3, 3, 97)).toBe(true);
    expect(exceeds(25, 25, 9_975)).toBe(false);
    expect(exceeds(26, 25, 9_975)).toBe(true);
    // Nothing is removed now, so nothing stops it.
    expect(exceeds(0, 60, 10)).toBe(false);
  });
});

describe("the plan of a scheduled import", () => {
  it("is compared without spaces and slashes around, and has a reason only if it applies", () => {
    const normal = (changes: object) => normalImportPlan({ ...plan, ...changes });
    expect(normalImportPlan(plan)).toEqual(plan);
    for (const location of [" exports/azure/ ", "./exports/azure//", "/exports/azure", ".//exports/azure"])
      expect(normal({ location }).location, location).toBe("exports/azure");
    for (const location of [".", "", " / ", "./"]) expect(normal({ location }).location, location).toBe("");
    expect(normal({ source: "Address", location: " HTTPS://A.example/x " }).location).toBe(
      "https://a.example/x",
    );
    expect(normal({ source: "Address", location: " none " }).location).toBe("none");
    expect(normal({ name: " Cafe\u0301 " }).name).toBe("Café");
    expect(normal({ justification: " e\u0301 " }).justification).toBe("é");
    for (const justification of ["  ", null]) expect(normal({ justification }).justification).toBeNull();
    expect(normal({ applies: false }).justification).toBeNull();
  });

  const fields = (changes: object) =>
    importPlanFaults({ ...plan, ...changes }, configured).map(({ field }) => field);
  it.each([
    ...[{}, { name: "n".repeat(100) }, { justification: "j".repeat(2_000) }, { location: "" }],
    ...[{ applies: false, justification: null }, { removalPercent: 0 }, { removalPercent: 100 }],
    ...[{ removals: 0 }, { removals: 10_000 }, { everyMinutes: 10_080 }],
    ...[{ location: "a".repeat(500) }, { location: "exports./azure" }],
    { source: "Address", location: "https://a.example:8443/x?y" },
  ])("may be %j", (changes) => {
    expect(fields(changes)).toEqual([]);
  });

  it.each([
    [{ name: "" }, "name"],
    [{ name: "n".repeat(101) }, "name"],
    [{ location: "a".repeat(501) }, "location"],
    [{ location: "../secrets" }, "location"],
    [{ source: "Address", location: "a.example" }, "location"],
    [{ everyMinutes: 61 }, "everyMinutes"],
    ...[-1, 101, 0.5, Number.NaN].map((removalPercent) => [{ removalPercent }, "removalPercent"] as const),
    ...[-1, 10_001, 0.5].map((removals) => [{ removals }, "removals"] as const),
    [{ justification: null }, "justification"],
    [{ justification: "j".repeat(2_001) }, "justification"],
  ] as const)("may not be %j", (changes, field) => {
    expect(fields(changes)).toEqual([field]);
  });

  it("reads below the folder, and only if there is one", () => {
    for (const path of ["", "a", "a/b.c/.d", "..a", "a..b"])
      expect(folderFault(path, configured), path).toBeNull();
    for (const path of ["..", "a/../b", "a//b", ".", "a/.", "a\\b", "a\nb"])
      expect(folderFault(path, configured), path).toMatch(/^Write a path below/);
    expect(folderFault("a", { folder: false })).toMatch(/^No folder is configured/);
  });

  it("reads addresses of the configured hosts over HTTPS, without a password", () => {
    expect(addressFault("https://b.example/x", configured)).toBeNull();
    expect(addressFault("https://a.example/x", configured)).toBe(
      "The configuration allows only these hosts: a.example:8443, b.example.",
    );
    for (const address of ["http://b.example", "b.example", "ftp://b.example"])
      expect(addressFault(address, configured), address).toMatch(/begins with https/);
    for (const address of ["https://u@b.example", "https://:p@b.example"])
      expect(addressFault(address, configured), address).toMatch(/user and password/);
    expect(addressFault("https://b.example/#x", configured)).toMatch(/#/);
    expect(addressFault("https://b.example", { hosts: [] })).toMatch(/^No host is configured/);
  });

  it("is said in words, with its reason if it has one", () => {
    expect(importPlanInWords(plan)).toEqual({
      ...{ Name: "Azure", Source: "Folder exports/azure", Runs: "Every hour", Reason: "Nightly" },
      "By itself": "Applies changes that need no code",
      "Assignments that are too long": "Are skipped",
      "Members not in the files": "Removed, unless more than 5 % or 50",
    });
    const other = { ...plan, location: "", justification: null, applies: false, removeMembers: false };
    const words = importPlanInWords({ ...other, capToMaximum: true, everyMinutes: 7 });
    expect(words).toMatchObject({ Source: "Folder for imports", Runs: "Every 7 minutes" });
    expect(words).toMatchObject({ "By itself": "Shows what differs", "Members not in the files": "Stay" });
    expect(words).not.toHaveProperty("Reason");
    expect(importPlanInWords({ ...plan, source: "Address", location: "https://a" }).Source).toBe("https://a");
  });
});
