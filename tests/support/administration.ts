import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { Caller } from "@/lib/platform/caller";
import { createTestDatabase, type TestDatabase } from "./database/database";
import { grant, makeCaller, makeOwnerRole, makeProof, makeRole, makeTree, makeUser } from "./factories";
import { setRules } from "./sign-in-rules";

/**
 * An organisation with one permanent Owner at the root, and a role to assign that requires MFA on direct assignment.
 */
export async function makeAdministration(clock?: () => Date) {
  const test: TestDatabase = await createTestDatabase({ clock });
  const { database } = test;
  await setRules(test, { first_factor: "AnyoneSignedIn", reset_delay_hours: 0 });
  const tree = await makeTree(database);
  const user = await makeUser(database, "Olga Owner");
  await makeOwnerRole(database);
  const ownerAssignment = await grant(database, "active", user.id, ownerRoleId, tree.root.id);
  const owner = await makeCaller(database, user);
  const person = async (displayName: string) => makeCaller(database, await makeUser(database, displayName));
  const protectedRole = async (settings: Record<string, unknown> = {}, actions = ["*/read"]) => {
    const role = await makeRole(database, "Contributor", { actions });
    await database.client.roleManagementPolicy.create({
      data: {
        resourceId: tree.subscription.id,
        roleDefinitionId: role.id,
        assignmentRequiresMfa: true,
        ...settings,
      },
    });
    return role;
  };
  /** A person who may only manage people, and the assignment that allows it. */
  const peopleManager = async () => {
    const role = await makeRole(database, "People manager", {
      actions: ["Microsoft.Authorization/principals/*"],
    });
    const caller = await person("Petra People");
    const assignment = await grant(database, "active", caller.userId, role.id, tree.root.id);
    return { caller, assignment };
  };
  const prove = (operation: ProtectedOperation, caller: Caller = owner) =>
    makeProof(database, caller, operation);
  const eventsOf = async (targetId: string) =>
    (await database.client.auditEvent.findMany({ where: { targetId }, orderBy: { sequence: "asc" } })).map(
      ({ kind, outcome }) => `${kind} ${outcome}`,
    );
  return {
    test,
    database,
    tree,
    owner,
    ownerAssignment,
    person,
    peopleManager,
    protectedRole,
    prove,
    eventsOf,
  };
}

export type Administration = Awaited<ReturnType<typeof makeAdministration>>;

export const refusedBy = (...rules: string[]) => ({
  ok: false,
  error: {
    code: "RoleAssignmentRequestPolicyValidationFailed",
    failures: rules.map((rule) => ({ rule })),
  },
});
export const refusedWith = (code: string) => ({ ok: false, error: { code } });
