import { addDays } from "@/lib/domain/time/schedule";
import { approveExtensionOperation, decideExtension } from "@/lib/operations/assignments/decide-extension";
import { approveExtensionsOperation, decideExtensions } from "@/lib/operations/assignments/decide-extensions";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { breakGlass, breakGlassOperation } from "@/lib/operations/requests/break-glass";
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { arrangeApproval } from "../approval";
import { approveRequest, denyRequest } from "../decide-one";
import { grant, makeCaller, makeUser } from "../factories";
import { type Gated, type Gates, outcomeOf, reason, type World } from "./gate";

async function waitingRequest(world: World) {
  const approval = await arrangeApproval(world.database, {
    tree: world.tree,
    settings: { approvalRequiresStepUp: true },
  });
  return { approver: approval.first, requestId: await approval.waiting() };
}

function oneDecision(decision: "Approve" | "Deny", decide: typeof approveRequest) {
  return async (world: World): Promise<Gated> => {
    const { approver, requestId } = await waitingRequest(world);
    return {
      caller: approver,
      operation: decideRequestsOperation(decision, [requestId]),
      run: async (proofId) =>
        outcomeOf(await decide(world.database, approver, { requestId, ...reason, proofId })),
    };
  };
}

/** A member's request for more time, with its end. */
async function waitingExtension(world: World, from: "eligible" | "active") {
  const { database, tree } = world;
  const member = await world.person("Max Member");
  const role = await world.protectedRole();
  const expectedEnd = addDays(world.now(), 10);
  const access = await grant(database, from, member.userId, role.id, tree.subscription.id, {
    startsAt: addDays(world.now(), -60),
    endsAt: expectedEnd,
  });
  const endsAt = addDays(world.now(), 60);
  const asked = await requestExtension(database, member, {
    assignmentType: from === "active" ? "Active" : "Eligible",
    id: access.id,
    endsAt,
    ...reason,
  });
  if (!asked.ok) throw new Error(JSON.stringify(asked.error));
  return { requestId: asked.requestId, expectedEnd, endsAt };
}

function approval(from: "eligible" | "active") {
  return async (world: World): Promise<Gated> => {
    const { database, owner } = world;
    const asked = await waitingExtension(world, from);
    const times = { startsAt: null, endsAt: asked.endsAt };
    const decision = { decision: "Approve" as const, assignmentType: "Active" as const, ...times };
    return {
      caller: owner,
      operation: approveExtensionOperation({ requestId: asked.requestId, ...times }),
      run: async (proofId) =>
        outcomeOf(
          await decideExtension(database, owner, {
            requestId: asked.requestId,
            decision,
            ...reason,
            proofId,
          }),
        ),
    };
  };
}

/** Decisions on members' requests. */
export const gatesOfDecisions: Gates = {
  "approving an extension": {
    file: "decide-extension.ts",
    kind: "ApproveExtension",
    arrange: approval("active"),
  },
  "turning an eligibility into an assignment": {
    file: "decide-extension.ts",
    kind: "ApproveExtension",
    arrange: approval("eligible"),
  },
  "approving several extensions": {
    file: "decide-extensions.ts",
    kind: "ApproveExtensions",
    async arrange(world) {
      const { database, owner } = world;
      const asked = [await waitingExtension(world, "active"), await waitingExtension(world, "active")];
      const rows = asked.map(({ requestId, expectedEnd }) => ({ id: requestId, expectedEnd }));
      const input = { rows, decision: "Approve" as const, ...reason };
      return {
        caller: owner,
        operation: approveExtensionsOperation(rows),
        run: async (proofId) =>
          outcomeOf(...(await decideExtensions(database, owner, { ...input, proofId }))),
      };
    },
  },

  "taking up what was approved": {
    file: "provision-request.ts",
    kind: "ProvisionRequest",
    async arrange(world) {
      const approval = await arrangeApproval(world.database, {
        tree: world.tree,
        settings: { provisioningRequiresMfa: true },
      });
      const requestId = await approval.approved();
      return {
        caller: approval.member,
        operation: provisionRequestOperation(requestId),
        run: async (proofId) =>
          outcomeOf(await provisionRequest(world.database, approval.member, { requestId, proofId })),
      };
    },
  },
  "approving one's own request in an emergency": {
    file: "break-glass.ts",
    kind: "BreakGlass",
    async arrange(world) {
      const approval = await arrangeApproval(world.database, {
        tree: world.tree,
        settings: { breakGlassMaximumMinutes: 60 },
      });
      const requestId = await approval.waiting();
      const input = { requestId, durationMinutes: 60, ...reason };
      return {
        caller: approval.member,
        operation: breakGlassOperation(input),
        run: async (proofId) =>
          outcomeOf(await breakGlass(world.database, approval.member, { ...input, proofId })),
      };
    },
  },
  "approving a request": {
    file: "decide-requests.ts",
    kind: "DecideRequests",
    arrange: oneDecision("Approve", approveRequest),
  },
  "denying a request": {
    file: "decide-requests.ts",
    kind: "DecideRequests",
    arrange: oneDecision("Deny", denyRequest),
  },
  "deciding several requests": {
    file: "decide-requests.ts",
    kind: "DecideRequests",
    async arrange(world) {
      const approval = await arrangeApproval(world.database, {
        tree: world.tree,
        settings: { approvalRequiresStepUp: true },
      });
      const colleague = await makeUser(world.database, "Cora Colleague");
      const eligibility = await grant(
        world.database,
        "eligible",
        colleague.id,
        approval.role.id,
        world.tree.subscription.id,
      );
      const caller = await makeCaller(world.database, colleague);
      const requestIds = [
        await approval.waiting(),
        await approval.waiting({ caller, eligibilityId: eligibility.id }),
      ];
      return {
        caller: approval.first,
        operation: decideRequestsOperation("Approve", requestIds),
        run: async (proofId) => {
          const input = { requestIds, decision: "Approve" as const, ...reason, proofId };
          return outcomeOf(...(await decideRequests(world.database, approval.first, input)));
        },
      };
    },
  },
};
