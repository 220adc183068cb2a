import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { makeGroup, makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";

let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

/** A known person, and an accomplice whose external id is one of that person's names, as an older release allowed. */
async function arrange(name: (victim: { id: string; email: string | null }) => string) {
  const victim = await makeUser(at.database, "Vera Victim");
  const accomplice = await makeUser(at.database, "Abe Accomplice");
  await at.test.asOwner(`
    ALTER TABLE principals DISABLE TRIGGER principals_names;
    UPDATE principals SET external_id = '${name(victim)}' WHERE id = '${accomplice.id}';
    UPDATE principal_names SET principal_id = NULL WHERE key = lower('${name(victim)}');
    ALTER TABLE principals ENABLE TRIGGER principals_names;`);
  return { victim, accomplice };
}
const names = {
  email: (victim: { email: string | null }) => victim.email?.toUpperCase() ?? "",
  id: (victim: { id: string }) => victim.id,
};

describe.each(Object.entries(names))("an external id that is somebody else's %s", (_kind, name) => {
  it("gives its holder no role that an import names the other for", async () => {
    const { victim, accomplice } = await arrange(name);
    const role = await at.protectedRole({ assignmentRequiresMfa: false, activeMaximumDays: null });
    const importId = await at.stage("RoleAssignments", [
      { principalId: name(victim), roleDefinitionId: role.id, scope: at.tree.subscription.scope },
    ]);
    const [row] = await at.rowsOf(importId);
    expect(row).toMatchObject({ outcome: "Bad" });
    expect(row?.reason).toContain("matches more than one");
    for (const whom of [victim, accomplice]) expect(row?.reason).toContain(`id ${whom.id}`);
  });

  it("puts its holder into no group that an import names the other for", async () => {
    const { victim } = await arrange(name);
    const group = await makeGroup(at.database, [], `Team of ${victim.id}`);
    const importId = await at.stage("GroupMembers", `group,member\n${group.displayName},${name(victim)}\n`);
    const [row] = await at.rowsOf(importId);
    expect(row).toMatchObject({ outcome: "Bad" });
    expect(row?.reason).toContain("matches more than one");
  });

  it("is refused where somebody is made by hand", async () => {
    const victim = await makeUser(at.database, "Vic Victim");
    const made = await createPrincipal(at.database, at.owner, {
      type: "User",
      displayName: "Abe Accomplice",
      email: `${victim.id}@elsewhere.example`,
      externalId: name(victim),
      signIn: null,
    });
    expect(made).toMatchObject({
      error: { code: "InvalidInput", faults: [{ field: "externalId" }] },
    });
  });
});
