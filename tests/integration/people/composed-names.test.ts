import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { searchPrincipals } from "@/lib/queries/assignments/role-members";
import { firstPage } from "@/lib/queries/pages";
import { listPrincipals } from "@/lib/queries/people/people";
import { searchPalette } from "@/lib/queries/preferences/palette";
import { makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";

/** One name in its two compositions: as most systems write it, and decomposed. */
const name = "Zo\u00eb Cr\u00eaw";
const forms = [name.normalize("NFC"), name.normalize("NFD")] as const;
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

describe("a person writes a name with its accents apart", () => {
  it("in an import, and it is one name: no twin is made, and a member row knows it", async () => {
    const importId = await at.stage("Groups", [{ displayName: forms[1] }, { displayName: forms[0] }]);
    expect(await at.outcomes(importId)).toEqual(["Add", "Bad"]);
    await at.applyAll(importId);
    expect(await at.database.client.principal.count({ where: { displayName: forms[0] } })).toBe(1);
    for (const displayName of forms) {
      expect(await at.outcomes(await at.stage("Groups", [{ displayName }]))).toEqual(["Unchanged"]);
      expect(
        await createPrincipal(at.database, at.owner, {
          type: "Group",
          displayName,
          email: null,
          externalId: null,
          signIn: null,
        }),
      ).toMatchObject({ ok: false });
      const members = await at.stage("GroupMembers", [{ group: displayName, member: at.owner.userId }]);
      expect(await at.outcomes(members)).toEqual(["Add"]);
    }
  });

  it("in a search of a list, a picker or the palette, and finds it", async () => {
    const scope = `${at.tree.subscription.scope}/resourceGroups/zo\u00eb-web`;
    await at.applyAll(
      await at.stage("ResourceGroups", [{ id: scope.normalize("NFD"), name: "Zoe\u0308 web" }]),
    );
    for (const form of forms) {
      const search = form.slice(0, 6);
      const list = await listPrincipals(
        at.database,
        at.owner,
        {
          type: "Group",
          search,
          status: "all",
          order: null,
          without: null,
          issuers: noIssuers,
        },
        firstPage,
      );
      expect(list?.rows.map(({ displayName }) => displayName)).toEqual([forms[0]]);
      expect((await searchPrincipals(at.database, search)).map((each) => each.displayName)).toEqual([
        forms[0],
      ]);
      const found = await searchPalette(at.database, at.owner, form);
      expect(found.people.map(({ label }) => label)).toEqual([forms[0]]);
      const web = await searchPalette(at.database, at.owner, `${form.split(" ")[0]} web`);
      expect(web.resources.map(({ label }) => label)).toEqual(["Zo\u00eb web"]);
    }
  });
});

it("a name that was stored with its accents apart is found once the database is brought up to date", async () => {
  const kept = "Bjo\u0308rn Sjo\u0308";
  const { id } = await makeUser(at.database, "Bjorn");
  const { asOwner } = at.test;
  await asOwner("ALTER TABLE principals DISABLE TRIGGER USER");
  await asOwner("UPDATE principals SET display_name = $1 WHERE id = $2", [kept, id]);
  await asOwner("ALTER TABLE principals ENABLE TRIGGER USER");
  const found = async () => (await searchPrincipals(at.database, "Sj\u00f6")).map((each) => each.id);
  expect(await found()).toEqual([]);
  const [folder = ""] = readdirSync("prisma/migrations").filter((name) => name.endsWith("_compose_names"));
  await asOwner(readFileSync(`prisma/migrations/${folder}/migration.sql`, "utf8"));
  expect(await found()).toEqual([id]);
  const stored = await at.database.client.principal.findUniqueOrThrow({ where: { id } });
  expect(stored.displayName).toBe(kept.normalize("NFC"));
  expect(await at.database.client.auditEvent.count({ where: { targetId: id } })).toBe(0);
});
