import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { stageFiles } from "@/lib/operations/imports/stage-files";
import type { Caller } from "@/lib/platform/caller";
import { readSeveral } from "@/lib/platform/import-files/several-import-files";
import { listImportRows } from "@/lib/queries/imports/imports";
import { everything } from "../../support/database/everything";
import { makeRole } from "../../support/factories";
import { makeImports } from "../../support/imports";
import { answer, eligibilityInstance, exampleRules, policyAssignment } from "../../support/pim-answers";

/** A new organisation that imports all its files at once. */
const start = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => start);
});
afterAll(() => at.test.drop());

type Files = Readonly<Record<string, unknown>>;
const stage = (files: Files, capToMaximum = false, caller: Caller = at.owner, removeMembers = false) =>
  stageFiles(at.database, caller, {
    ...{ capToMaximum, removeMembers },
    files: readSeveral(
      Object.entries(files).map(([name, content]) => ({
        name,
        bytes: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)),
      })),
    ),
  });
async function staged(files: Files, capToMaximum = false, caller: Caller = at.owner, removeMembers = false) {
  const result = await stage(files, capToMaximum, caller, removeMembers);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.importId;
}
const summary = async (importId: string) =>
  (await at.rowsOf(importId)).map(({ kind, outcome, state }) => `${kind} ${outcome} ${state}`);

/** Files of an organisation of which nothing is known yet, in no useful order. */
function organisation() {
  const id = randomUUID();
  const [subscription, role, user, group] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const scope = `/subscriptions/${subscription}`;
  const below = `${scope}/resourceGroups/web`;
  const files = {
    "eligible.json": answer([
      eligibilityInstance({
        principalId: group,
        principalType: "Group",
        roleDefinitionId: role,
        scope: below,
      }),
    ]),
    "settings.json": answer([
      policyAssignment({ roleDefinitionId: role, scope: below }, [
        ...exampleRules([group]).filter(({ id: rule }) => rule !== "Expiration_Admin_Eligibility"),
        { id: "Expiration_Admin_Eligibility", isExpirationRequired: false, maximumDuration: "P365D" },
      ]),
    ]),
    "members.csv": `group,member\n${group},${user}\n`,
    "assignments.json": [
      {
        principalId: user,
        principalType: "User",
        roleDefinitionId: role,
        scope,
        roleDefinitionName: "Deployer",
      },
    ],
    "roles.json": [
      {
        name: role,
        roleName: `Deployer ${id}`,
        description: "Deploys",
        permissions: [{ actions: ["*/read"] }],
        assignableScopes: [scope],
      },
    ],
    "groups.json": [{ id: group, displayName: `Team ${id}`, securityEnabled: true }],
    "users.json": [{ id: user, displayName: `Ada ${id}`, userPrincipalName: `ada.${id}@contoso.example` }],
    "resource-groups.json": [{ id: below, name: "web" }],
    "subscriptions.json": [{ id: subscription, name: `Production ${id}`, tenantId: "t" }],
    "nothing.json": answer([]),
  };
  return { files, scope, below, role, user, group };
}

describe("several files in one upload", () => {
  it("skip policies beside assignments that have their rules, and refuse policies alone", async () => {
    const { scope } = at.tree.subscription;
    const role = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const assigned = policyAssignment({ roleDefinitionId: role.id, scope }, [
      { id: "Enablement_EndUser_Assignment", enabledRules: ["Justification"] },
    ]);
    const id = assigned.properties.policyId;
    const type = "Microsoft.Authorization/roleManagementPolicies";
    const policies = (ids: readonly string[]) =>
      answer(ids.map((each) => ({ id: each, type, properties: { scope, rules: [] } })));
    const upload = (ids: readonly string[]) =>
      stage({ "assignments.json": answer([assigned]), "policies.json": policies(ids) });
    const refusal = "Add the answer of roleManagementPolicyAssignments of the same scope";
    for (const refused of [await stage({ "policies.json": policies([id]) }), await upload([id, `${id}2`])])
      expect(refused).toMatchObject({
        error: { faults: [{ message: expect.stringMatching(new RegExp(`policies.json.*${refusal}`)) }] },
      });
    const read = await upload([id.toUpperCase()]);
    expect(read).toMatchObject({ ok: true, skipped: [expect.stringContaining("policies.json")] });
    expect(read.ok && (await at.outcomes(read.importId))).toEqual(["Change"]);
  });

  it("are one preview, each judged by what those before it will create, and nothing is changed by it", async () => {
    const { files, role, group, below } = organisation();
    const before = await everything(at.test);
    const importId = await staged(files, true);
    expect(await summary(importId)).toEqual([
      // By number, which is the order of the files.
      "Eligibilities Add Pending",
      "RoleSettings Change NeedsProof",
      "GroupMembers Add Pending",
      "RoleAssignments Add Pending",
      "RoleDefinitions Add Pending",
      "Groups Add Pending",
      "Users Add Pending",
      "ResourceGroups Add Pending",
      "Subscriptions Add Pending",
    ]);
    const after = await everything(at.test);
    const changed = Object.keys(after).filter(
      (table) => JSON.stringify(Reflect.get(after, table)) !== JSON.stringify(Reflect.get(before, table)),
    );
    expect(changed.toSorted()).toEqual([
      "import_blocks",
      "import_rights",
      "import_rows",
      "imports",
      "notification_outbox",
    ]);

    const proof = await at.proofFor(importId);
    await at.applyAll(importId, proof);
    expect((await at.rowsOf(importId)).map(({ state, reason }) => [state, reason])).toEqual(
      (await at.rowsOf(importId)).map(({ reason }) => ["Applied", reason]),
    );
    const eligible = await at.database.client.eligibility.findFirstOrThrow({
      where: { roleDefinitionId: role },
      include: { principal: true, resource: true },
    });
    expect(eligible).toMatchObject({
      principal: { externalId: group },
      resource: { scope: below },
      endsAt: null,
    });
    const again = await staged(files, true);
    expect((await at.rowsOf(again)).map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: 9 }, () => "Unchanged"),
    );
  });

  it("say of each row its kind and file, and are confirmed with a reason and one code", async () => {
    const { files } = organisation();
    const importId = await staged(files, true);
    const shown = await listImportRows(at.database, at.owner, { importId, outcome: "Add", after: 0 });
    expect(shown.find(({ kind }) => kind === "Users")).toMatchObject({ fileName: "users.json", line: 1 });
    expect(await at.confirm(importId)).toMatchObject({ ok: false });
    const other = await at.proofFor(await staged(files, true));
    expect(await at.confirm(importId, other)).toMatchObject({ ok: false });
    expect(await at.confirm(importId, await at.proofFor(importId))).toMatchObject({ ok: true });
    const found = await at.database.client.import.findUniqueOrThrow({ where: { id: importId } });
    expect(found).toMatchObject({ kind: "Several", justification: "Moving in" });
    expect(found.fileName).toMatch(/^10 files: eligible\.json, /);
  });

  it("are refused whole, with the name of the file, where one is cut off, of no kind or of another tenant", async () => {
    const { files } = organisation();
    const before = await everything(at.test);
    for (const [name, content, message] of [
      [
        "cut.json",
        JSON.stringify(files["users.json"]).slice(0, -3),
        /cut\.json.? is neither a complete list/,
      ],
      ["odd.json", [{ colour: "blue" }], /odd\.json.? is neither a complete list/],
      [
        "page.json",
        answer(
          [eligibilityInstance({ principalId: "1", roleDefinitionId: randomUUID(), scope: "/" })],
          "https://next",
        ),
        /page\.json.?: This is the first page/,
      ],
      ["other.json", [{ id: randomUUID(), name: "Other", tenantId: "u" }], /several tenants/],
    ] as const) {
      const result = await stage({ ...files, [name]: content });
      expect(result).toMatchObject({ ok: false });
      expect(JSON.stringify(result)).toMatch(message);
    }
    const after = await everything(at.test);
    for (const table of ["imports", "import_rows", "principals", "resources"])
      expect(Reflect.get(after, table)).toEqual(Reflect.get(before, table));
  });

  it("are judged row by row: what fails takes nothing along but what builds on it", async () => {
    const { files } = organisation();
    const importId = await staged({
      ...files,
      "users.json": [
        { id: "x", displayName: "", userPrincipalName: "nobody" },
        {
          id: randomUUID(),
          displayName: `Bob ${randomUUID()}`,
          userPrincipalName: `${randomUUID()}@contoso.example`,
        },
      ],
    });
    const rows = await at.rowsOf(importId);
    const of = (kind: string) => rows.filter((row) => row.kind === kind);
    expect(of("Users").map(({ outcome }) => outcome)).toEqual(["Bad", "Add"]);
    expect(of("GroupMembers")).toMatchObject([{ outcome: "Bad" }]);
    expect(of("RoleAssignments")).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("is not known") },
    ]);
    expect(of("Eligibilities")).toMatchObject([{ outcome: "Add" }]);
  });

  it("give nobody more than their rights, and are there for those who could apply all of it", async () => {
    const { files } = organisation();
    const { caller } = await at.peopleManager();
    const importId = await staged(files, true, caller);
    const rows = await at.rowsOf(importId);
    const added = rows.filter(({ outcome }) => outcome === "Add").map(({ kind }) => kind);
    expect(added.toSorted()).toEqual(["GroupMembers", "Groups", "Users"]);
    expect((await listImportRows(at.database, caller, { importId, outcome: "Bad", after: 0 })).length).toBe(
      6,
    );
    const other = (await at.peopleManager()).caller;
    expect(await listImportRows(at.database, other, { importId, outcome: "Bad", after: 0 })).toEqual([]);
    expect((await stage(files, false, await at.person("Nora Nobody"))).ok).toBe(false);
  });

  it("leave out a row whose meaning changed since, and what builds on it", async () => {
    const { files, user } = organisation();
    const importId = await staged(files, true);
    await at.database.client.principal.create({
      data: { type: "User", displayName: "By hand", email: `${user}@contoso.example`, externalId: user },
    });
    await at.applyAll(importId, await at.proofFor(importId));
    const failed = (await at.rowsOf(importId))
      .filter(({ state }) => state === "Failed")
      .map(({ kind }) => kind);
    expect(failed.toSorted()).toEqual(["GroupMembers", "RoleAssignments", "Users"]);
  });

  it("go on in their order after a stop: nothing overtakes a row that waits for a code", async () => {
    const { files, role } = organisation();
    const importId = await staged(files, true);
    expect(await at.confirm(importId, await at.proofFor(importId))).toMatchObject({ ok: true });
    // As if the code had become too old before the worker ran.
    await at.test.asOwner(`UPDATE imports SET proof_id = NULL WHERE id = '${importId}'`);
    await applyImports(at.database);
    expect(await at.viewed(importId)).toMatchObject({ status: "Stopped", left: 3 });
    expect(await at.database.client.eligibility.count({ where: { roleDefinitionId: role } })).toBe(0);
    await at.applyAll(importId, await at.proofFor(importId));
    expect(await at.viewed(importId)).toMatchObject({ status: "Applied", left: 0 });
    expect(await at.database.client.eligibility.count({ where: { roleDefinitionId: role } })).toBe(1);
  });
});

describe("members whom no file names", () => {
  /** A known group with two members, and files of the same group with one of them and a new person. */
  async function team() {
    const id = randomUUID();
    const [ada, bob, cleo] = [randomUUID(), randomUUID(), randomUUID()];
    const users = (...known: [string, string][]) =>
      known.map(([user, name]) => ({
        ...{ id: user, displayName: `${name} ${id}`, userPrincipalName: `${name}.${id}@contoso.example` },
      }));
    const groups = [{ id, displayName: `Team ${id}`, securityEnabled: true }];
    const csv = (...members: string[]) =>
      `group,member\n${members.map((each) => `${id},${each}\n`).join("")}`;
    const first = await staged({
      "users.json": users([ada, "Ada"], [bob, "Bob"]),
      ...{ "groups.json": groups, "members.csv": csv(ada, bob) },
    });
    await at.applyAll(first);
    const files = {
      "users.json": users([ada, "Ada"], [bob, "Bob"], [cleo, "Cleo"]),
      "groups.json": groups,
      // One row twice: it is refused, and hides nobody.
      "members.csv": csv(ada, cleo, ada),
    };
    const members = async () => {
      const rows = await at.database.client.groupMember.findMany({
        where: { group: { externalId: id } },
        select: { member: { select: { displayName: true } } },
      });
      return rows.map(({ member }) => member.displayName.split(" ")[0]).sort();
    };
    return { id, files, csv, members };
  }
  const ofMembers = async (importId: string) =>
    (await summary(importId)).filter((each) => each.startsWith("GroupMembers"));

  it("are shown and stay, or leave, judged when those whom the files bring are there", async () => {
    const { files, members } = await team();
    const kept = await staged(files);
    expect(await ofMembers(kept)).toEqual([
      "GroupMembers Unchanged Unchanged",
      "GroupMembers Add Pending",
      "GroupMembers Bad Failed",
      "GroupMembers Missing Unchanged",
    ]);
    await at.applyAll(kept);
    expect(await members()).toEqual(["Ada", "Bob", "Cleo"]);

    const leaving = await staged(files, false, at.owner, true);
    expect(await ofMembers(leaving)).toEqual([
      "GroupMembers Unchanged Unchanged",
      "GroupMembers Unchanged Unchanged",
      "GroupMembers Bad Failed",
      "GroupMembers Remove Pending",
    ]);
    await at.applyAll(leaving);
    expect(await members()).toEqual(["Ada", "Cleo"]);
    expect((await at.rowsOf(leaving)).at(-1)).toMatchObject({ state: "Applied", line: 0, fileName: null });
    const again = await staged(files, false, at.owner, true);
    expect((await ofMembers(again)).at(-1)).toBe("GroupMembers Bad Failed");
  });

  it("stay where a row may be about them", async () => {
    const { files, csv, members } = await team();
    const importId = await staged(
      { ...files, "members.csv": csv("nobody-knows-this") },
      ...([false, at.owner, true] as const),
    );
    expect(await ofMembers(importId)).toEqual([
      "GroupMembers Bad Failed",
      "GroupMembers Missing Unchanged",
      "GroupMembers Missing Unchanged",
    ]);
    await at.applyAll(importId);
    expect(await members()).toEqual(["Ada", "Bob"]);
  });
});
