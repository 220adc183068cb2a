import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalOperation, sortedJson } from "@/lib/domain/gate/canonical-operation";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { operationDigest } from "@/lib/platform/operation-digest";
import { settings } from "../support/arbitraries";
import { nearMisses, protectedKinds } from "../support/operation-variations";

// Few values, so that two operations often differ in one part only.
const digest = fc.constantFrom("a".repeat(64), "b".repeat(64));
const id = fc.constantFrom("0193-a", "0193-b", "0193-c");
const ids = fc.array(id, { maxLength: 3 });
const moment = fc.constantFrom(null, "2026-03-02T09:00:00.000Z", "2026-03-02T10:00:00.000Z");
const minutes = fc.constantFrom(30, 60, 480);
const version = fc.integer({ min: 0, max: 2 });
const patterns = fc.array(fc.constantFrom("*", "*/read", "Microsoft.Web/*"), { maxLength: 2 });
const times = { startsAt: moment, endsAt: moment };
const item = fc.record({ eligibilityId: id, resourceId: id, startsAt: moment, durationMinutes: minutes });
const items = fc.uniqueArray(item, {
  maxLength: 3,
  selector: ({ eligibilityId, resourceId }) => `${eligibilityId} ${resourceId}`,
});
const definition = fc.record({
  roleName: fc.constantFrom("Deployer", "Reader", ""),
  description: fc.constantFrom("", "Deploys"),
  permission: fc.record({
    actions: patterns,
    notActions: patterns,
    dataActions: patterns,
    notDataActions: patterns,
  }),
  assignableScopes: fc.array(fc.constantFrom("/", "/subscriptions/a"), { maxLength: 2 }),
});
const identifiers = fc.record(
  {
    email: fc.constantFrom(null, "a@x", "b@x"),
    externalId: fc.constantFrom(null, "a"),
    groupName: fc.constantFrom(null, "g"),
  },
  { noNullPrototype: true },
);
const rule = fc.record({
  name: fc.constantFrom("Payments", "Keys"),
  reason: fc.constantFrom("Four eyes", "Audit"),
  firstRoleIds: ids,
  secondRoleIds: ids,
});
const begin = fc.constantFrom("2026-03-01T09:00:00.000Z", "2026-03-02T09:00:00.000Z");
const expected = fc.record({ startsAt: begin, endsAt: moment }, { noNullPrototype: true });
const assignmentType = fc.constantFrom("Eligible" as const, "Active" as const);
const row = { assignmentType, id };
const each = { maxLength: 3, selector: (one: { id: string }) => one.id };
const rows = fc.uniqueArray(fc.record(row), each);
const shownRows = fc.uniqueArray(fc.record({ ...row, expectedEnd: moment }), each);
const alertKind = fc.constantFrom("TooManyOwners" as const, "StaleAccount" as const);
const alertSetting = {
  enabled: fc.boolean(),
  threshold: fc.constantFrom(3, 4),
  percent: fc.constantFrom(0, 10),
};
const kind = <Kind extends string>(name: Kind) => fc.constant(name);

const operation: fc.Arbitrary<ProtectedOperation> = fc.oneof(
  item.map((each) => ({ kind: "ActivateRole" as const, ...each })),
  fc.record({ kind: kind("CreateDirectory"), name: fc.constantFrom("Contoso", "Fabrikam"), days: minutes }),
  fc.record({ kind: kind("ReplaceDirectoryToken"), directoryId: id, days: minutes }),
  fc.record({
    kind: kind("HandOverPrincipal"),
    principalId: id,
    directoryId: fc.option(id, { nil: null }),
  }),
  fc.record({ kind: kind("ChangeIdentifiers"), principalId: id, from: identifiers, to: identifiers }),
  fc.record({ kind: kind("ActivateRoles"), items }),
  fc.record({ kind: kind("ExtendActivation"), assignmentId: id, expectedEnd: begin, endsAt: begin }),
  fc.record({
    kind: kind("AssignRole"),
    assignmentType,
    roleDefinitionId: id,
    resourceId: id,
    principalIds: ids,
    ...times,
  }),
  fc.record({ kind: kind("UpdateAssignment"), assignmentId: id, expected, ...times }),
  fc.record({ kind: kind("ExtendAssignment"), assignmentId: id, expectedEnd: moment, endsAt: moment }),
  fc.record({ kind: kind("RenewAssignment"), assignmentId: id, ...times }),
  fc.record({ kind: kind("ExtendAssignments"), rows: shownRows, endsAt: moment }),
  fc.record({ kind: kind("RenewAssignments"), rows, ...times }),
  fc.record({
    kind: kind("MakeEligible"),
    rows: fc.uniqueArray(
      fc.record({
        ...{ id, startsAt: begin, endsAt: moment, eligibleUntil: moment },
        ...{ keptId: fc.option(id, { nil: null }), readiness: fc.constantFrom("0 None", "1 Required") },
      }),
      each,
    ),
  }),
  fc.record({
    kind: kind("AssignRoles"),
    assignmentType,
    roleDefinitionIds: ids,
    resourceId: id,
    principalIds: ids,
    ...times,
  }),
  fc.record({ kind: kind("ApproveExtension"), requestId: id, ...times }),
  fc.record({
    kind: kind("ApproveExtensions"),
    requests: fc.uniqueArray(fc.record({ id, expectedEnd: moment }), each),
  }),
  fc.record({
    kind: kind("UpdateRoleSettings"),
    roleDefinitionId: id,
    resourceId: id,
    expectedVersion: version,
    settings,
  }),
  fc.record({
    kind: kind("UpdateSettingsOfRoles"),
    resourceId: id,
    roles: fc.uniqueArray(
      fc.record({
        roleDefinitionId: id,
        expectedVersion: version,
        changes: fc.record(
          { activationMaximumMinutes: fc.constantFrom(60, 120), activationRequiresMfa: fc.boolean() },
          { requiredKeys: [] },
        ),
      }),
      { ...each, selector: ({ roleDefinitionId }) => roleDefinitionId },
    ),
  }),
  fc.record({ kind: kind("ProvisionRequest"), requestId: id }),
  fc.record({
    kind: kind("BreakGlass"),
    requestId: id,
    durationMinutes: version,
    justification: fc.option(fc.string()),
  }),
  fc.record({ kind: kind("AddGroupMembers"), groupId: id, memberIds: ids }),
  fc.record({ kind: kind("ApplyImport"), importId: id, digest: id }),
  fc.record({
    kind: kind("SaveImportSchedule"),
    scheduleId: fc.option(id),
    expectedVersion: version,
    plan: fc.record({
      ...{
        name: fc.constantFrom("Azure", "Entra"),
        source: fc.constantFrom("Folder" as const, "Address" as const),
      },
      ...{ location: fc.constantFrom("azure", "entra"), everyMinutes: fc.constantFrom(15, 60) },
      ...{ applies: fc.boolean(), justification: fc.option(fc.constantFrom("Because", "Why not")) },
      ...{ capToMaximum: fc.boolean(), removeMembers: fc.boolean() },
      ...{ removalPercent: version, removals: version },
    }),
  }),
  fc.record({
    kind: kind("UpdateRoleDefinition"),
    roleDefinitionId: id,
    expectedVersion: version,
    definition,
  }),
  fc.record({ kind: kind("UpdateConflictRule"), ruleId: id, expectedVersion: version, rule }),
  fc.record({ kind: kind("RemoveConflictRule"), ruleId: id, expectedVersion: version }),
  fc.record({ kind: kind("ApproveConflictException"), exceptionId: id }),
  fc.record({
    kind: fc.constantFrom("EnablePrincipal" as const, "IssueSignIn" as const, "ResetAuthenticator" as const),
    principalId: id,
  }),
  fc.record({ kind: kind("ConfirmFactorReset"), principalId: id, resetId: id }),
  fc.record({ kind: kind("IssueFactorPass"), principalId: id, hours: fc.integer({ min: 1, max: 72 }) }),
  fc.record({
    kind: kind("DecideRequests"),
    decision: fc.constantFrom("Approve" as const, "Deny" as const),
    requestIds: ids,
  }),
  fc.record({ kind: kind("RetireResource"), resourceId: id, preview: digest }),
  fc.record({ kind: kind("UndoRetirement"), retirementId: id, preview: digest }),
  fc.record({
    kind: kind("MoveResource"),
    ...{ resourceId: id, fromId: id, toId: id },
    preview: digest,
  }),
  fc.record({
    kind: kind("UpdateOrganisation"),
    expectedVersion: version,
    displayName: fc.constantFrom("Contoso", "Fabrikam"),
    timeZone: fc.constantFrom("UTC", "Europe/Berlin"),
    allowedMailDomains: fc.uniqueArray(fc.constantFrom("contoso.example", "fabrikam.example"), {
      maxLength: 2,
    }),
    alertAddresses: fc.uniqueArray(fc.constantFrom("soc@contoso.example", "cert@contoso.example"), {
      maxLength: 2,
    }),
  }),
  fc.record({
    kind: kind("UpdateSignInRules"),
    expectedVersion: version,
    rules: fc.record({
      installationName: fc.constantFrom("Postern", "Contoso"),
      sessionHours: fc.integer({ min: 1, max: 24 }),
      idleMinutes: fc.integer({ min: 15, max: 720 }),
      authenticatorAppsConfirm: fc.boolean(),
      recoveryCodesConfirm: fc.boolean(),
      minimumPasswordLength: fc.integer({ min: 12, max: 64 }),
      localPasswords: fc.constantFrom("Everyone" as const, "BreakGlassOnly" as const),
      firstFactor: fc.constantFrom(...(["OneTimePass", "ProviderSecondFactor", "AnyoneSignedIn"] as const)),
      factorWaitsHours: fc.integer({ min: 0, max: 72 }),
      resetDelayHours: fc.integer({ min: 0, max: 72 }),
      resetTakesTwo: fc.boolean(),
      signInTakesTwo: fc.boolean(),
    }),
  }),
  fc.record({
    kind: kind("UpdateAlertSettings"),
    resourceId: id,
    alerts: fc.uniqueArray(fc.record({ ...alertSetting, alert: alertKind, shown: fc.record(alertSetting) }), {
      maxLength: 2,
      selector: ({ alert }) => alert,
    }),
  }),
  // Each has a generator of its own: one of several alternatives would not occur in every run.
  fc.record({ kind: kind("ReplaceAuthenticator") }),
  fc.record({ kind: kind("RemoveAuthenticator") }),
  fc.record({ kind: kind("ReplaceRecoveryCodes") }),
  fc.record({ kind: kind("RegisterPasskey") }),
  fc.record({ kind: kind("ManageSessions") }),
  fc.record({ kind: kind("RemovePasskey"), passkeyId: id }),
  fc.record({
    kind: kind("LinkIdentity"),
    principalId: id,
    issuer: fc.constantFrom("https://a", "https://b"),
  }),
  fc.record({ kind: kind("UnlinkIdentity"), principalId: id, linkId: id }),
  fc.record({ kind: kind("SetManager"), userId: id, managerId: id }),
  fc.record({ kind: kind("NameBreakGlassAccount"), principalId: id }),
  fc.record({ kind: kind("RemoveBreakGlassAccount"), principalId: id }),
);

/** Parts whose order has no meaning. */
const unordered = [
  "alerts",
  "items",
  "rows",
  "principalIds",
  "memberIds",
  "requestIds",
  "requests",
  "roles",
  "roleDefinitionIds",
];

/** Whether two operations are the same to the person who confirms them: all parts equal, lists of things in any order. */
function same(left: ProtectedOperation, right: ProtectedOperation): boolean {
  const meaning = (each: ProtectedOperation) =>
    Object.fromEntries(
      Object.entries(each).map(([name, value]: [string, unknown]) => [
        name,
        unordered.includes(name) && Array.isArray(value)
          ? value.map((part: unknown) => sortedJson(part)).sort()
          : value,
      ]),
    );
  // The generators also make objects without a prototype, which means nothing.
  const plain = (each: ProtectedOperation): unknown => JSON.parse(JSON.stringify(meaning(each)));
  return isDeepStrictEqual(plain(left), plain(right));
}
it("makes a proof for one operation fit no other, and the same whatever the order of its lists", () => {
  fc.assert(
    fc.property(operation, operation, (made, wanted) => {
      const fits = Buffer.compare(operationDigest(made), operationDigest(wanted)) === 0;
      expect(fits).toBe(same(made, wanted));
    }),
    { numRuns: 5_000 },
  );
});

it("makes a proof fit no operation that differs in any single part", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(operation, (wanted) => {
      seen.add(wanted.kind);
      const text = canonicalOperation(wanted);
      for (const other of nearMisses(wanted)) expect(canonicalOperation(other)).not.toBe(text);
    }),
    { numRuns: 1_000 },
  );
  expect([...seen].sort()).toEqual([...protectedKinds].sort());
});

it("does not mind in which order lists and parts are given", () => {
  const shuffled = operation.chain((each) =>
    fc.shuffledSubarray(Object.keys(each), { minLength: Object.keys(each).length }).map((names) => {
      const entries = Object.entries(each);
      const turned = names.map((name) => {
        const value: unknown = entries.find(([key]) => key === name)?.[1];
        return [name, unordered.includes(name) && Array.isArray(value) ? [...value].reverse() : value];
      });
      const other: ProtectedOperation = JSON.parse(JSON.stringify(Object.fromEntries(turned)));
      return { each, other };
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ each, other }) => {
      expect(canonicalOperation(other)).toBe(canonicalOperation(each));
    }),
  );
});
