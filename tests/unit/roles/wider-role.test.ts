import { describe, expect, it } from "vitest";
import type { Permission } from "@/lib/domain/roles/permissions";
import { mergedPermission, widens } from "@/lib/domain/roles/role-definition";

const allowing = (changes: Partial<Permission>): Permission => ({
  ...{ actions: [], notActions: [], dataActions: [], notDataActions: [] },
  ...changes,
});

describe("an edit of a role allows more", () => {
  it("where it excludes less of what it allows", () => {
    const some = allowing({ actions: ["a/*"], notActions: ["a/delete"] });
    expect(widens([some], [allowing({ actions: ["a/*"] })])).toBe(true);
    expect(widens([allowing({ actions: ["a/*"] })], [some])).toBe(false);
    const data = allowing({ dataActions: ["a/*"], notDataActions: ["a/delete"] });
    expect(widens([data], [allowing({ dataActions: ["a/*"] })])).toBe(true);
    expect(widens([allowing({ dataActions: ["a/*"] })], [data])).toBe(false);
  });

  it("and not where it excludes less of what it no longer allows", () => {
    const both = allowing({
      ...{ actions: ["a/*"], notActions: ["a/delete"] },
      ...{ dataActions: ["b/*"], notDataActions: ["b/delete"] },
    });
    expect(widens([both], [{ ...both, actions: [], notActions: [] }])).toBe(false);
    expect(widens([both], [{ ...both, dataActions: [], notDataActions: [] }])).toBe(false);
  });
});

describe("several permissions as one", () => {
  it("allow what each allows, and cannot be one where any of them excludes something", () => {
    const [one, other] = [allowing({ actions: ["a/*"] }), allowing({ dataActions: [" b/read "] })];
    expect(mergedPermission([])).toEqual(allowing({}));
    expect(mergedPermission([one, other])).toEqual(allowing({ actions: ["a/*"], dataActions: ["b/read"] }));
    for (const excluding of [{ notActions: ["a/delete"] }, { notDataActions: ["a/delete"] }]) {
      expect(mergedPermission([one, allowing(excluding)])).toBeNull();
      expect(mergedPermission([allowing(excluding)])).toEqual(allowing(excluding));
    }
  });
});
