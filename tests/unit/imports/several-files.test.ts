import { describe, expect, it } from "vitest";
import { kindOfColumns, kindOrder } from "@/lib/domain/imports/detect-kind";
import {
  type ImportKind,
  importKinds,
  maximumArchiveFiles,
  maximumLargeBytes,
} from "@/lib/domain/imports/import-kinds";
import { ArchiveFault, readArchive } from "@/lib/platform/import-files/import-archive";
import { kindOfFile } from "@/lib/platform/import-files/import-file";
import { answer, assignmentInstance, eligibilityInstance, policyAssignment } from "../../support/pim-answers";
import { zipOf } from "../../support/zip";

const scope = "/subscriptions/11111111-1111-4111-8111-111111111111";
const group = "/providers/Microsoft.Management/managementGroups/platform";
const of = { principalId: "1", roleDefinitionId: "b24988ac-6180-42a0-ab88-20f7382dd24c", scope };

describe("what a file lists", () => {
  const lists: readonly (readonly [ImportKind | "Empty" | null, unknown])[] = [
    [
      "ManagementGroups",
      [{ id: group, displayName: "Platform", name: "platform", tenantId: "t", type: "x" }],
    ],
    ["Hierarchy", [{ id: group, displayName: "Platform", name: "platform", parent: { id: null } }]],
    ["Hierarchy", [{ id: scope, displayName: "Prod", type: "/subscriptions", parent: { id: group } }]],
    [
      "Subscriptions",
      [{ cloudName: "AzureCloud", id: scope.slice(15), name: "Prod", tenantId: "t", state: "Enabled" }],
    ],
    ["ResourceGroups", [{ id: `${scope}/resourceGroups/web`, name: "web", location: "eu", properties: {} }]],
    ["Resources", [{ id: `${scope}/resourceGroups/web/providers/A.B/c/d`, name: "d", type: "A.B/c" }]],
    ["Users", [{ id: "1", displayName: "Ada", userPrincipalName: "ada@contoso.example", mail: null }]],
    ["Groups", [{ id: "1", displayName: "Team", securityEnabled: true, mailEnabled: false }]],
    ["GroupMembers", [{ group: "Team", member: "ada@contoso.example" }]],
    ["RoleDefinitions", [{ roleName: "Deployer", permissions: [], assignableScopes: ["/"], name: "1" }]],
    ["RoleAssignments", [{ principalId: "1", roleDefinitionId: "x", scope, roleDefinitionName: "Reader" }]],
    ["Eligibilities", answer([eligibilityInstance(of)])],
    ["ActiveAssignments", answer([assignmentInstance(of)])],
    ["RoleSettings", answer([policyAssignment(of, [])])],
    ["Empty", []],
    ["Empty", answer([])],
    [null, [{ colour: "blue" }]],
    [null, [1, 2]],
    [null, { error: { code: "AuthorizationFailed" } }],
  ];
  it.each(lists)("%s is known by its content", (kind, content) => {
    expect(kindOfFile(JSON.stringify(content, null, 1))).toBe(kind);
  });

  it("is not guessed from what is cut off, nor from columns that fit several kinds", () => {
    const whole = JSON.stringify([{ group: "a", member: "b" }]);
    expect(kindOfFile(whole.slice(0, -1))).toBeNull();
    for (const [kind, columns] of [
      ["Users", "id,displayName,email"],
      ["GroupMembers", '"group","member"'],
      ["RoleAssignments", "principal,role,scope"],
      [null, "principal,role,scope,start,end"],
      [null, "id,displayName"],
      [null, "id,displayName,email,colour"],
      ["Hierarchy", "id,displayName,parent"],
      ["Resources", "id,name,type,parent"],
      ["Subscriptions", "id,name,parent"],
      ["ResourceGroups", "id,name"],
    ] as const)
      expect(kindOfColumns(columns.split(",")), columns).toBe(kind);
  });

  it("is applied in one order that has every kind", () => {
    const kinds = (Object.keys(importKinds) as ImportKind[]).toSorted(kindOrder);
    expect(kinds[0]).toBe("ManagementGroups");
    for (const [before, after] of [
      ["Hierarchy", "ResourceGroups"],
      ["Users", "GroupMembers"],
      ["Groups", "GroupMembers"],
      ["RoleDefinitions", "RoleSettings"],
      ["RoleSettings", "Eligibilities"],
      ["GroupMembers", "RoleAssignments"],
    ] as const)
      expect(kinds.indexOf(before)).toBeLessThan(kinds.indexOf(after));
    for (const kind of kinds) expect(kindOrder(kind, kind)).toBe(0);
  });
});

describe("an archive", () => {
  /** The files of an archive, or why it is refused. */
  async function unpacked(bytes: Uint8Array, most = maximumLargeBytes) {
    const files: [string, string][] = [];
    const taker = {
      fault: null,
      begin: (name: string) => files.push([name, ""]),
      push: (piece: Uint8Array) => {
        const file = files.at(-1);
        if (file) file[1] += Buffer.from(piece).toString();
      },
      end: () => {},
    };
    try {
      const read = await readArchive({ name: "all.zip", bytes }, most, taker);
      expect(read).toBe(files.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0));
      return files;
    } catch (fault) {
      if (fault instanceof ArchiveFault) return fault.message;
      throw fault;
    }
  }

  it("gives its files in its place, without what systems put beside them", async () => {
    const bytes = await zipOf({ "a/users.json": "[]", "__MACOSX/a/._users.json": "x", "groups.csv": "id" });
    expect(await unpacked(bytes)).toEqual([
      ["a/users.json", "[]"],
      ["groups.csv", "id"],
    ]);
  });

  it("is refused where a name leads elsewhere, or is an archive itself", async () => {
    const named = await zipOf({ "aa/evil.json": "[]" });
    const elsewhere = Buffer.from(named.toString("latin1").replaceAll("aa/evil", "../evil"), "latin1");
    expect(await unpacked(elsewhere)).toMatch(/names that lead elsewhere/);
    const absolute = Buffer.from(named.toString("latin1").replaceAll("aa/evil", "//aevil"), "latin1");
    expect(await unpacked(absolute)).toMatch(/names that lead elsewhere/);
    expect(await unpacked(await zipOf({ "in.zip": await zipOf({ a: "[]" }) }))).toMatch(
      /archive in an archive/,
    );
  });

  it("is refused where it is cut off, too many, too large, or grows too much", async () => {
    const whole = await zipOf({
      "users.json": JSON.stringify(Array.from({ length: 500 }, (_, id) => ({ id }))),
    });
    for (const length of [4, 30, 200, whole.length - 1])
      expect(await unpacked(whole.subarray(0, length)), String(length)).toMatch(/not a complete zip/);
    const many = Object.fromEntries(
      Array.from({ length: maximumArchiveFiles + 1 }, (_, index) => [`${index}.json`, "[]"]),
    );
    expect(await unpacked(await zipOf(many))).toMatch(/more than 50 files/);
    const bomb = await zipOf({ "bomb.json": Buffer.alloc(4_000_000, "[") });
    expect(await unpacked(bomb)).toMatch(/grows more than 300 times/);
    const two = await zipOf({ "a.json": Buffer.alloc(900, "[1]"), "b.json": Buffer.alloc(900, "[1]") });
    expect(await unpacked(two, 1_800)).toHaveLength(2);
    expect(await unpacked(two, 1_799)).toMatch(/more than 100 MiB/);
  });

  it("is read no further than is allowed, whatever it says of its sizes", async () => {
    const content = Buffer.alloc(900_000, "[1]");
    const bytes = Buffer.from(await zipOf({ "users.json": content }));
    const said = bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02])) + 24;
    expect(bytes.readUInt32LE(said)).toBe(content.length);
    bytes.writeUInt32LE(10, said);
    expect(await unpacked(bytes)).toMatch(/not a complete zip/);
  });
});
