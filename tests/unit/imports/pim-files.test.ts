import { describe, expect, it } from "vitest";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { readImportFile } from "@/lib/platform/import-files/import-file";
import { JsonEntries, splitArray } from "@/lib/platform/import-files/json-entries";
import { answer, assignmentInstance, eligibilityInstance } from "../../support/pim-answers";

const subscription = "11111111-1111-4111-8111-111111111111";
const scope = `/subscriptions/${subscription}`;
const who = {
  principalId: "a3bb8764-cb92-4276-9d2a-ca1e895e55ea",
  roleDefinitionId: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  scope,
};
const row = (kind: ImportKind, entry: object) => {
  const read = readImportFile(kind, JSON.stringify(answer([entry]), null, 2));
  if (!read.ok) throw new Error(read.message);
  return read.rows[0];
};

describe("an answer of the PIM API", () => {
  it("is a row for each entry, with the times that it has and the line that it begins on", () => {
    const entry = eligibilityInstance({ ...who, endDateTime: "2027-09-11T02:31:41.477+02:00" });
    expect(row("Eligibilities", entry)).toMatchObject({
      line: 3,
      title: `${who.principalId}, Contributor at ${scope}`.replace(who.principalId, "User Account"),
      data: {
        principal: who.principalId,
        role: who.roleDefinitionId,
        scope,
        startsAt: "2020-09-10T00:32:36.860Z",
        endsAt: "2027-09-11T00:31:41.477Z",
      },
    });
    expect(row("ActiveAssignments", assignmentInstance(who))).toMatchObject({ data: { endsAt: null } });
  });

  it("says of each entry that is no standing access why it is none", () => {
    const fault = (kind: ImportKind, entry: object) => Reflect.get(row(kind, entry) ?? {}, "fault");
    expect(fault("ActiveAssignments", assignmentInstance({ ...who, assignmentType: "Activated" }))).toContain(
      "assignmentType is Activated",
    );
    expect(fault("Eligibilities", eligibilityInstance({ ...who, memberType: "Group" }))).toContain(
      "memberType is Group",
    );
    expect(fault("Eligibilities", eligibilityInstance({ ...who, condition: "@Resource[x] == 1" }))).toContain(
      "condition is set",
    );
    expect(fault("Eligibilities", eligibilityInstance({ ...who, status: "PendingRevocation" }))).toContain(
      "status: says that it is not in effect there",
    );
    expect(fault("Eligibilities", eligibilityInstance({ ...who, endDateTime: "soon" }))).toContain(
      "endDateTime is not a moment",
    );
  });

  it("is refused where it is a page of several, cut off, an error, or another kind of answer", () => {
    const refused = (text: string) => {
      const read = readImportFile("Eligibilities", text);
      return read.ok ? null : read.message;
    };
    const entries = [eligibilityInstance(who), eligibilityInstance(who)];
    const whole = JSON.stringify(answer(entries), null, 2);
    expect(refused(whole)).toBeNull();
    expect(refused(JSON.stringify(answer(entries, "https://management.azure.com/next")))).toMatch(/nextLink/);
    for (let length = 1; length < whole.length - 1; length += 97)
      expect(refused(whole.slice(0, length)), whole.slice(0, length)).not.toBeNull();
    expect(refused(whole.slice(0, -1))).toMatch(/is incomplete/);
    expect(refused('{"error":{"code":"AuthorizationFailed","message":"no"}}')).not.toBeNull();
    expect(refused('{"value":{"a":1}}')).not.toBeNull();
    expect(refused('{"value":[],"value":[]}')).not.toBeNull();
  });

  it("may have one entry as large as a file may be", () => {
    const large = [{ displayName: "x".repeat(5 * 1024 * 1024 - 100) }];
    expect(readImportFile("Users", JSON.stringify(large))).toMatchObject({ ok: true });
  });

  it("comes to the same in however many pieces it arrives", () => {
    const text = JSON.stringify(
      { count: 2, value: [{ a: '}],"\\' }, [1, "é{"], 7], nextLink: null },
      null,
      1,
    );
    for (const size of [1, 2, 3, 7, text.length]) {
      const entries: unknown[] = [];
      const split = new JsonEntries((entry) => entries.push(JSON.parse(entry.text)));
      for (let start = 0; start < text.length; start += size) split.push(text.slice(start, start + size));
      expect(split.end()).toBeNull();
      expect(entries).toEqual([{ a: '}],"\\' }, [1, "é{"], 7]);
      expect(Object.fromEntries(split.beside)).toEqual({ count: "2", nextLink: "null" });
    }
    expect(splitArray("[1,2,3", 1)).toMatchObject({ ok: true, entries: [{}, {}] });
  });
});

describe("a list of subscriptions", () => {
  it("gives each the scope that its id means", () => {
    const entry = { cloudName: "AzureCloud", id: subscription, name: "Production", tenantId: "t" };
    const read = (kind: ImportKind, value: object) => readImportFile(kind, JSON.stringify([value]));
    expect(read("Subscriptions", entry)).toMatchObject({
      rows: [{ data: { scope, displayName: "Production", parentScope: null, tenantId: "t" } }],
    });
    expect(read("Subscriptions", { ...entry, id: "production" })).toMatchObject({
      rows: [{ fault: expect.stringContaining("is not the id of a subscription") }],
    });
    const above = "/providers/Microsoft.Management/managementGroups/platform";
    const inHierarchy = { id: scope, displayName: "Production", name: subscription, parent: { id: above } };
    expect(read("Hierarchy", inHierarchy)).toMatchObject({
      rows: [{ data: { scope, parentScope: above, resourceType: "Microsoft.Resources/subscriptions" } }],
    });
    expect(read("Hierarchy", { id: above, displayName: "Platform", parent: { id: null } })).toMatchObject({
      rows: [{ data: { scope: above, parentScope: null } }],
    });
  });
});
