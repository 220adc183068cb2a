import { afterAll, beforeAll, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import {
  type AssignRolesInput,
  assignRoles,
  assignRolesOperation,
  previewAssignRoles,
} from "@/lib/operations/assignments/assign-roles";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { grant } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

async function arrange() {
  const members = [await at.person("Ada"), await at.person("Ben")];
  const [first, second] = [
    await at.protectedRole(),
    await at.protectedRole({ assignmentRequiresMfa: false }),
  ];
  const input: AssignRolesInput = {
    assignmentType: "Active",
    roleDefinitionIds: [first.id, second.id],
    resourceId: at.tree.subscription.id,
    principalIds: members.map((member) => member.userId),
    startsAt: null,
    endsAt: addDays(now, 30),
    justification: "New team",
  };
  const held = () =>
    at.database.client.assignment.count({ where: { principalId: { in: [...input.principalIds] } } });
  return { members, first, second, input, held };
}

it("previews every member's every role, writing nothing, and then does what it said with one proof", async () => {
  const { members, input, held, second } = await arrange();
  await grant(at.database, "active", members[1]?.userId ?? "", second.id, at.tree.subscription.id);
  const preview = await previewAssignRoles(at.database, at.owner, input);
  expect(preview.needsCode).toBe(true);
  expect(preview.results.map((result) => result.ok)).toEqual([true, true, true, false]);
  expect(await held()).toBe(1);
  const proofId = await at.prove(assignRolesOperation(input));
  const results = await assignRoles(at.database, at.owner, { ...input, proofId });
  expect(results.map((result) => result.ok)).toEqual([true, true, true, false]);
  expect(results[3]).toMatchObject(refusedWith("RoleAssignmentExists"));
  expect(await held()).toBe(4);
  const proved = await at.database.client.request.count({ where: { proofId } });
  expect(proved).toBe(2);
});

it("gives no role that wants a proof without it, nor with one for another list", async () => {
  const { input, held, first } = await arrange();
  const fewer = { ...input, principalIds: input.principalIds.slice(0, 1) };
  const proofId = await at.prove(assignRolesOperation(fewer));
  const results = await assignRoles(at.database, at.owner, { ...input, proofId });
  expect(results.slice(0, 2)).toMatchObject([refusedBy("MfaRule"), refusedBy("MfaRule")]);
  expect(results.slice(2).map((result) => result.ok)).toEqual([true, true]);
  expect(await held()).toBe(2);
  expect(await at.database.client.assignment.count({ where: { roleDefinitionId: first.id } })).toBe(0);
});

it("lets nobody assign who may not, row by row, and refuses more rows than can be looked through", async () => {
  const { input, members } = await arrange();
  const stranger = members[0];
  if (!stranger) throw new Error("there is no member");
  const results = await assignRoles(at.database, stranger, { ...input, proofId: null });
  expect(results.every((result) => !result.ok && result.error.code === "NotFound")).toBe(true);
  const many = Array.from({ length: 51 }, () => crypto.randomUUID());
  await expect(
    assignRoles(at.database, at.owner, { ...input, principalIds: many, proofId: null }),
  ).rejects.toThrow(RangeError);
});
