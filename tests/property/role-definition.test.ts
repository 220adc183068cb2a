import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstPermissionNotHeld, mayMeet } from "@/lib/domain/gate/held-permissions";
import { explainPermission, explainRole } from "@/lib/domain/roles/explain-permission";
import {
  allows,
  allowsData,
  anyAllows,
  matchesPattern,
  type Permission,
} from "@/lib/domain/roles/permissions";
import {
  mergedPermission,
  patternFault,
  roleDefinitionFaults,
  widens,
} from "@/lib/domain/roles/role-definition";

const pattern = fc
  .array(fc.constantFrom("a", "B", "/", "*"), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));
const operation = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 7 }).map((parts) => parts.join(""));
const permission: fc.Arbitrary<Permission> = fc.record({
  actions: fc.array(pattern, { maxLength: 3 }),
  notActions: fc.array(pattern, { maxLength: 2 }),
  dataActions: fc.array(pattern, { maxLength: 3 }),
  notDataActions: fc.array(pattern, { maxLength: 2 }),
});
const permissions = fc.array(permission, { maxLength: 3 });

describe("the permission tester", () => {
  it("agrees with what decides, for control and data actions, one permission or several", () => {
    fc.assert(
      fc.property(permission, permissions, operation, (one, several, asked) => {
        const allowed = (kind: "action" | "dataAction") =>
          explainPermission(one, asked, kind).decision === "allowed";
        expect(allowed("action")).toBe(allows(one, asked));
        expect(allowed("dataAction")).toBe(allowsData(one, asked));
        expect(explainRole(several, asked, "action").decision === "allowed").toBe(anyAllows(several, asked));
      }),
      { numRuns: 2000 },
    );
  });

  it("names a pattern of the role itself, and one that takes out only where one lets in", () => {
    fc.assert(
      fc.property(permission, operation, (one, asked) => {
        const verdict = explainPermission(one, asked, "action");
        if (verdict.decision === "notMentioned") return;
        expect(one.actions).toContain(verdict.pattern);
        if (verdict.decision === "excluded") expect(one.notActions).toContain(verdict.by);
      }),
    );
  });
});

describe("widening", () => {
  it("is seen whenever an edit allows anything new", () => {
    fc.assert(
      fc.property(permissions, permissions, operation, (before, after, asked) => {
        if (widens(before, after)) return;
        if (anyAllows(after, asked)) expect(anyAllows(before, asked)).toBe(true);
        if (after.some((each) => allowsData(each, asked)))
          expect(before.some((each) => allowsData(each, asked))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it("is not seen where nothing changes, or something is only taken away", () => {
    fc.assert(
      fc.property(permissions, pattern, (before, more) => {
        expect(widens(before, before)).toBe(false);
        expect(widens(before, before.slice(1))).toBe(false);
        const less = before.map((each) => ({ ...each, notActions: [...each.notActions, more] }));
        expect(widens(before, less)).toBe(false);
      }),
    );
  });
});

it("adds to a role only what its author or the role before allows, as far as what is not refused goes", () => {
  fc.assert(
    fc.property(permissions, permissions, permission, operation, (held, before, after, asked) => {
      if (held.some((each) => each.actions.some((own) => matchesPattern(own, "*")))) return;
      if (firstPermissionNotHeld(held, before, [after]) !== null) return;
      if (allows(after, asked)) expect(anyAllows([...held, ...before], asked)).toBe(true);
      if (allowsData(after, asked))
        expect([...held, ...before].some((each) => allowsData(each, asked))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

it("never says that two patterns cannot meet where an operation matches both", () => {
  fc.assert(
    fc.property(pattern, pattern, operation, (left, right, asked) => {
      if (matchesPattern(left, asked) && matchesPattern(right, asked))
        expect(mayMeet(left, right)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

it("puts several permissions together only where that allows exactly the same", () => {
  fc.assert(
    fc.property(permissions, operation, (several, asked) => {
      const merged = mergedPermission(several);
      if (merged) expect(allows(merged, asked)).toBe(anyAllows(several, asked));
    }),
    { numRuns: 2000 },
  );
});

it("takes every pattern of the built-in roles, and refuses what is none, naming the line", () => {
  const file = join(import.meta.dirname, "../../prisma/seed/data/built-in-roles.json");
  const roles: { permissions: Permission[] }[] = JSON.parse(readFileSync(file, "utf8"));
  const every = roles.flatMap((role) => mergedPermission(role.permissions.slice(0, 1)) ?? []);
  const faults = every
    .flatMap((each) => [...each.actions, ...each.notActions, ...each.dataActions, ...each.notDataActions])
    .filter((text) => patternFault(text) !== null);
  expect(faults).toEqual([]);
  for (const text of ["", "read", "a b/read", "/read", "Microsoft.Web/sites/read;DROP", "x".repeat(301)])
    expect(patternFault(text)).not.toBeNull();
  const definition = {
    roleName: "Deployer",
    description: "",
    permission: { actions: ["*/read", "nonsense"], notActions: [], dataActions: [], notDataActions: [] },
    assignableScopes: ["/"],
  };
  expect(roleDefinitionFaults(definition)).toMatchObject([
    { field: "actions", message: expect.stringContaining("Line 2") },
  ]);
});
