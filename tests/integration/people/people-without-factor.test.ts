import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allAccess } from "@/lib/domain/assignments/access-filter";
import { type MissingFactor, missingFactors } from "@/lib/domain/people/missing-factor";
import { listAccess } from "@/lib/queries/assignments/access";
import {
  assigningWithoutResistant,
  peopleWithoutResistant,
} from "@/lib/queries/assignments/people-without-resistant";
import { listCoverage } from "@/lib/queries/figures/coverage-list";
import { mfaCoverage } from "@/lib/queries/figures/mfa-coverage";
import { firstPage } from "@/lib/queries/pages";
import { listPrincipals, peopleWithoutFactor } from "@/lib/queries/people/people";
import { type Administration, makeAdministration } from "../../support/administration";
import { grant, makeGroup, makeRole } from "../../support/factories";
import { registerPasskey } from "../../support/peers/software-passkey";
import { setRules } from "../../support/sign-in-rules";

const start = new Date("2026-03-02T09:00:00Z");
const issuers = {
  any: ["https://plain.example", "https://strong.example"],
  phishingResistant: ["https://strong.example"],
};
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => start);
  const { client } = at.database;
  const role = await makeRole(at.database, "Reader", { actions: ["*/read"] });
  const person = async (name: string) => {
    const caller = await at.person(name);
    await grant(at.database, "eligible", caller.userId, role.id, at.tree.subscription.id);
    return caller;
  };
  const linked = async (name: string, issuer: string) =>
    client.identityLink.create({ data: { principalId: (await person(name)).userId, issuer, subject: name } });
  await person("Bare");
  const { userId } = await person("App");
  const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(40) };
  await client.totpFactor.create({ data: { userId, ...sealed, confirmedAt: start } });
  await registerPasskey(at.database, await person("Passkey"));
  await linked("Plain", "https://plain.example");
  await linked("Strong", "https://strong.example");
  await linked("Elsewhere", "https://elsewhere.example");
  const disabled = await person("Disabled");
  await at.test.asOwner("UPDATE principals SET disabled_at = now() WHERE id = $1", [disabled.userId]);
});
afterAll(() => at.test.drop());

const listed = async (without: MissingFactor | null) => {
  const filter = {
    type: "User" as const,
    search: "",
    status: "enabled" as const,
    order: null,
    without,
    issuers,
  };
  const page = await listPrincipals(at.database, at.owner, filter, firstPage);
  return page?.rows.filter((row) => row.id !== at.owner.userId) ?? [];
};
const names = (rows: readonly { readonly displayName: string }[]) => rows.map((row) => row.displayName);

describe("who lacks a second factor", () => {
  it.each([
    [true, { Any: ["Bare", "Elsewhere"], Own: ["Bare", "Elsewhere", "Plain", "Strong"] }],
    [false, { Any: ["App", "Bare", "Elsewhere"], Own: ["App", "Bare", "Elsewhere", "Plain", "Strong"] }],
  ])(
    "is said alike by the list, its filter, the counts and the figures (apps accepted: %s)",
    async (apps, lacking) => {
      await setRules(at.test, { authenticator_apps_confirm: apps });
      const all = {
        ...lacking,
        NoApp: ["App", "Bare", "Elsewhere"],
        OnlyApp: apps ? ["App"] : [],
        PhishingResistant: ["App", "Bare", "Elsewhere", "Plain"],
      };
      const counts = await peopleWithoutFactor(at.database, at.owner, issuers);
      for (const missing of Object.keys(missingFactors) as MissingFactor[]) {
        expect(names(await listed(missing)), missing).toEqual(all[missing]);
        // The Owner has none either.
        const owner = missing === "OnlyApp" ? 0 : 1;
        expect(counts?.[missing], missing).toBe(all[missing].length + owner);
      }
      expect(names((await listed(null)).filter((row) => !row.hasFactor))).toEqual(lacking.Any);
      const place = { resourceId: at.tree.subscription.id, below: false };
      const coverage = await mfaCoverage(at.database, at.owner, place, issuers);
      expect(coverage).toMatchObject({ people: 6, peopleWithFactor: 6 - lacking.Any.length });
      const filter = { of: "people" as const, covered: false, ...place, search: "" };
      const without = await listCoverage(at.database, at.owner, filter, "", issuers);
      expect(without?.people.map(({ identity }) => identity.displayName)).toEqual(lacking.Any);
      const access = { ...allAccess, resourceId: place.resourceId, withoutMfa: "people" as const };
      const held = await listAccess(at.database, at.owner, access, firstPage, issuers);
      expect(held?.rows.map((row) => row.member.displayName).sort()).toEqual(lacking.Any);
      const resistant = await listAccess(
        ...([
          at.database,
          at.owner,
          { ...access, withoutMfa: "resistant" as const },
          firstPage,
          issuers,
        ] as const),
      );
      expect(resistant?.rows.map((row) => row.member.displayName).sort()).toEqual(all.PhishingResistant);
      const { id: roleDefinitionId } = await at.database.client.roleDefinition.findFirstOrThrow({
        where: { roleName: "Reader" },
      });
      expect(
        await peopleWithoutResistant(
          at.database,
          { resourceId: place.resourceId, roleDefinitionId },
          issuers,
        ),
      ).toEqual({ all: 6, lacking: all.PhishingResistant.length });
    },
  );

  it("is counted for nobody who may not read people", async () => {
    expect(await peopleWithoutFactor(at.database, await at.person("Nosy"), issuers)).toBeNull();
  });

  it("is counted and named among those who may assign at a place, now or after activating, and among nobody else", async () => {
    const { database, tree } = at;
    const assigning = (resourceId: string) => assigningWithoutResistant(database, resourceId, issuers);
    const assigner = await makeRole(database, "Assigner", { actions: ["*"] });
    const apart = await makeRole(database, "All but assigning", {
      actions: ["*"],
      notActions: ["Microsoft.Authorization/roleAssignmentScheduleRequests/*"],
    });
    const [now, later, both, not] = [
      await at.person("Now"),
      await at.person("Later"),
      await at.person("Both"),
      await at.person("Not"),
    ];
    const team = await makeGroup(database, [both.userId, later.userId], "Assigners");
    await grant(database, "active", now.userId, assigner.id, tree.subscription.id);
    await grant(database, "eligible", team.id, assigner.id, tree.subscription.id);
    await grant(database, "active", both.userId, assigner.id, tree.root.id);
    await grant(database, "active", not.userId, apart.id, tree.root.id);
    await registerPasskey(database, later);
    // The Owner is one of them everywhere.
    expect(await assigning(tree.subscription.id)).toEqual({
      all: 4,
      lacking: 3,
      names: ["Both", "Now", "Olga Owner"],
    });
    expect(await assigning(tree.root.id)).toEqual({ all: 2, lacking: 2, names: ["Both", "Olga Owner"] });
  });
});
