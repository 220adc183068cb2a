import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { makeGroup } from "../factories";
import { privilegeKinds } from "../privileges";
import { type Gates, outcomeOf, reason } from "./gate";

/** Every way to get a decision right over the access of others. Granting one always requires a proof. */
const says = Object.entries(privilegeKinds).filter(
  ([, { called }]) => called !== "Active" && called !== "Eligible",
);

/** Granting a decision right by a membership, or by enabling a principal. */
export const gatesOfDecisionRights: Gates = Object.fromEntries(
  says.flatMap(([name, kind]): [string, Gates[string]][] => [
    ...(kind.types.includes("Group")
      ? [
          [
            `adding to a group that has ${name}`,
            {
              file: "add-group-members.ts",
              kind: "AddGroupMembers",
              async arrange(world) {
                const { database, owner } = world;
                const outer = await makeGroup(database, []);
                const inner = await makeGroup(database, []);
                await database.client.groupMember.create({ data: { groupId: outer.id, memberId: inner.id } });
                await kind.give(world, outer.id);
                const { userId } = await world.person("Ada");
                const input = { groupId: inner.id, memberIds: [userId], ...reason };
                return {
                  caller: owner,
                  operation: addGroupMembersOperation(input),
                  run: async (proofId) =>
                    outcomeOf(await addGroupMembers(database, owner, { ...input, proofId })),
                };
              },
            },
          ] satisfies [string, Gates[string]],
        ]
      : []),
    [
      `enabling somebody who has ${name}`,
      {
        file: "enable-principal.ts",
        kind: "EnablePrincipal",
        async arrange(world) {
          const { database, owner } = world;
          const { userId: principalId } = await world.person("Ada");
          await kind.give(world, principalId);
          await database.client.principal.update({
            where: { id: principalId },
            data: { disabledAt: world.now() },
          });
          const input = { principalId, ...reason };
          return {
            caller: owner,
            operation: { kind: "EnablePrincipal", principalId },
            run: async (proofId) => outcomeOf(await enablePrincipal(database, owner, { ...input, proofId })),
          };
        },
      },
    ],
  ]),
);
