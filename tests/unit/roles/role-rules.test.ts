import { describe, expect, it } from "vitest";
import { assignmentRules } from "@/lib/domain/roles/assignment-rules";
import { explainRole, roleAtScopeText, verdictText } from "@/lib/domain/roles/explain-permission";
import { asksFreshCode } from "@/lib/domain/roles/factors-asked";
import {
  action,
  administers,
  matchesPattern,
  type Permission,
  writesAuthorization,
} from "@/lib/domain/roles/permissions";
import { patternFault, roleDefinitionFaults } from "@/lib/domain/roles/role-definition";
import {
  activationRules,
  defaultRoleSettings,
  defaultSettingsOf,
  judgingSettings,
  mergedSettings,
  type RoleSettings,
  strictest,
} from "@/lib/domain/roles/role-settings";
import { roleSettingsFaults } from "@/lib/domain/roles/role-settings-faults";
import { limits } from "@/lib/domain/text/limits";

const permission = (change: Partial<Permission>): Permission => ({
  ...{ actions: [], notActions: [], dataActions: [], notDataActions: [] },
  ...change,
});
const allowing = (...actions: string[]) => [permission({ actions })];

describe("a role's permissions", () => {
  it("do not match by a beginning and an end that share letters", () => {
    expect(matchesPattern("ab*bc", "abc")).toBe(false);
    expect(matchesPattern("ab*bc", "abbc")).toBe(true);
    expect(matchesPattern("a*", "a")).toBe(true);
  });

  it("write authorisation if they allow any one of its actions, and administer if they write role settings", () => {
    const { writeAssignment, writeEligibility, writeRoleSettings, writeRoleDefinitions, writePrincipals } =
      action;
    const classic = "Microsoft.Authorization/roleAssignments/write";
    const each = [
      classic,
      writeAssignment,
      writeEligibility,
      writeRoleSettings,
      writeRoleDefinitions,
      writePrincipals,
    ];
    for (const one of each) {
      expect(writesAuthorization(allowing(one)), one).toBe(true);
      expect(administers(allowing(one)), one).toBe(one === writeRoleSettings);
    }
    expect(writesAuthorization(allowing("*/read", action.writeAlerts))).toBe(false);
    expect(writesAuthorization([])).toBe(false);
    expect(defaultSettingsOf({ writesAuthorization: true }).assignmentRequiresMfa).toBe(true);
    expect(defaultSettingsOf({ writesAuthorization: false })).toEqual(defaultRoleSettings);
  });

  it("are explained by what allows an operation, or else by what excludes it, or by nothing", () => {
    const parts = [
      permission({ actions: ["Web/*"], notActions: ["Web/delete"] }),
      permission({ actions: ["Web/del*"], dataActions: ["Blob/*"], notDataActions: ["Blob/write"] }),
    ];
    const words = (operation: string, kind: "action" | "dataAction", assignable = true) =>
      roleAtScopeText(explainRole(parts, operation, kind), kind, {
        displayName: "Production",
        assignable,
      }).replaceAll(/[\u2068\u2069]/g, "");
    expect(words("Web/delete", "action")).toBe("Yes, on Production. Allowed by Web/del* of its actions.");
    const first = explainRole(parts.slice(0, 1), "Web/delete", "action");
    expect(verdictText(first, "action")).toBe(
      "Not allowed: Web/* of its actions matches, but Web/delete of its notActions excludes it.",
    );
    expect(explainRole([permission({}), ...parts.slice(0, 1)], "Web/delete", "action")).toEqual(first);
    expect(words("Blob/read", "dataAction")).toBe(
      "Yes, on Production. Allowed by Blob/* of its dataActions.",
    );
    expect(words("Blob/write", "dataAction")).toBe(
      "No. Not allowed: Blob/* of its dataActions matches, but Blob/write of its notDataActions excludes it.",
    );
    expect(words("Web/read", "dataAction")).toBe("No. Not allowed: nothing in its dataActions matches.");
    expect(explainRole([], "Web/read", "action")).toEqual({ decision: "notMentioned" });
    expect(words("Web/read", "action", false)).toBe(
      "No. The role cannot be assigned on Production, nor above it. Elsewhere: allowed by Web/* of its actions.",
    );
  });
});

describe("a custom role", () => {
  const fields = {
    roleName: "Deployer",
    description: "Deploys",
    permission: permission({ actions: ["*/read"] }),
    assignableScopes: ["/"],
  };
  const faults = (change: Partial<typeof fields>) =>
    roleDefinitionFaults({ ...fields, ...change }).map(({ field }) => field);
  const many = (count: number, text: (index: number) => string) =>
    Array.from({ length: count }, (_, n) => text(n));

  it("has a name, a description, patterns and scopes within their limits, and every fault is named", () => {
    expect(faults({})).toEqual([]);
    expect(faults({ roleName: "n".repeat(limits.roleName) })).toEqual([]);
    for (const roleName of ["", " ", "n".repeat(limits.roleName + 1), "01a051ae-b800-7e3c-b393-a08c44c2e469"])
      expect(faults({ roleName }), roleName).toEqual(["roleName"]);
    expect(faults({ description: "d".repeat(limits.roleDescription) })).toEqual([]);
    expect(faults({ description: "d".repeat(limits.roleDescription + 1) })).toEqual(["description"]);
    expect(faults({ description: "d\u202e" })).toEqual(["description"]);
    const patterns = (count: number) =>
      permission({ notActions: many(count, (n) => `Web/${n}`), actions: ["*"] });
    expect(faults({ permission: patterns(limits.patterns) })).toEqual([]);
    expect(faults({ permission: patterns(limits.patterns + 1) })).toEqual(["notActions"]);
    expect(faults({ permission: permission({}) })).toEqual(["actions"]);
    expect(faults({ permission: permission({ dataActions: ["Blob/*"] }) })).toEqual([]);
    expect(faults({ permission: permission({ actions: many(12, () => "none") }) })).toHaveLength(10);
    expect(faults({ assignableScopes: [] })).toEqual(["assignableScopes"]);
    expect(faults({ assignableScopes: many(limits.assignableScopes, (n) => `/${n}`) })).toEqual([]);
    expect(faults({ assignableScopes: many(limits.assignableScopes + 1, (n) => `/${n}`) })).toEqual([
      "assignableScopes",
    ]);
  });

  it("has no pattern that is none, and the fault says why", () => {
    const longest = `Web/${"x".repeat(limits.patternLength - 4)}`;
    expect(["*", "*/read", longest].map(patternFault)).toEqual([null, null, null]);
    expect(patternFault(`${longest}x`)).toMatch(/^is too long/);
    expect(patternFault("Web /read")).toBe("has a space in it");
    expect(patternFault("Web")).toMatch(/^names no operation/);
    for (const pattern of ["/read", "Web/re?d", "Wéb/read"])
      expect(patternFault(pattern), pattern).toMatch(/^is not a pattern/);
  });
});

describe("role settings", () => {
  const fields = (change: Partial<RoleSettings>) =>
    roleSettingsFaults({ ...defaultRoleSettings, ...change }).map(({ field }) => field);

  it("take half an hour to a day in half hours, and the periods on offer or none", () => {
    for (const activationMaximumMinutes of [30, 60, 1440])
      expect(fields({ activationMaximumMinutes })).toEqual([]);
    for (const activationMaximumMinutes of [0, 29, 45, 1470, 30.5, Number.NaN])
      expect(fields({ activationMaximumMinutes })).toEqual(["activationMaximumMinutes"]);
    for (const days of [15, 30, 90, 180, null])
      expect(fields({ eligibleMaximumDays: days, activeMaximumDays: days })).toEqual([]);
    expect(fields({ eligibleMaximumDays: 365 })).toEqual([]);
    expect(fields({ activeMaximumDays: 365 })).toEqual(["activeMaximumDays"]);
    expect(fields({ eligibleMaximumDays: 14, activeMaximumDays: 0 })).toEqual([
      "eligibleMaximumDays",
      "activeMaximumDays",
    ]);
  });

  it("show a member and an administrator what concerns them, and nothing of approvers and recipients", () => {
    expect(activationRules(defaultRoleSettings)).toEqual({
      activationMaximumMinutes: 480,
      activationRequiresMfa: true,
      activationPhishingResistant: false,
      activationRequiresJustification: true,
      activationRequiresTicket: false,
      approvalRequired: false,
      provisioningRequiresMfa: false,
    });
    expect(assignmentRules(defaultRoleSettings, { writesAuthorization: true })).toEqual({
      writesAuthorization: true,
      eligibleMaximumDays: 365,
      activeMaximumDays: 180,
      assignmentRequiresMfa: false,
      assignmentPhishingResistant: false,
    });
    const { notifications: _, ...rules } = defaultRoleSettings;
    expect(judgingSettings(defaultRoleSettings)).toEqual(rules);
  });

  it("ask for a new code after approval only with approval and MFA on activation", () => {
    const settings = { approvalRequired: true, activationRequiresMfa: true, provisioningRequiresMfa: true };
    expect(asksFreshCode(settings)).toBe(true);
    for (const name of Object.keys(settings))
      expect(asksFreshCode({ ...settings, [name]: false }), name).toBe(false);
  });

  it("of several levels are the strictest, rule by rule, and there is always a level", () => {
    const strict: Partial<RoleSettings> = { activationRequiresTicket: true, eligibleMaximumDays: 15 };
    const lax = { ...defaultRoleSettings, eligibleMaximumDays: null, activeMaximumDays: null };
    for (const levels of [
      [lax, { ...lax, ...strict }],
      [{ ...lax, ...strict }, lax],
    ])
      expect(strictest(levels)).toMatchObject({ ...strict, activeMaximumDays: null });
    expect(() => strictest([])).toThrow("no level has settings");
  });

  it("that somebody else saved meanwhile keep what the edit did not change", () => {
    const theirs = { ...defaultRoleSettings, activationMaximumMinutes: 60, activationRequiresTicket: true };
    const mine = { ...defaultRoleSettings, activationMaximumMinutes: 120 };
    expect(mergedSettings(defaultRoleSettings, mine, theirs)).toEqual({
      ...theirs,
      activationMaximumMinutes: 120,
    });
  });
});
