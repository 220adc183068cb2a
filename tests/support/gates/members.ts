import { generateSync } from "otplib";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addMinutes } from "@/lib/domain/time/schedule";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { beginPasskey, confirmPasskey } from "@/lib/identity/factors/passkey-registration";
import { listPasskeys, removePasskey } from "@/lib/identity/factors/passkeys";
import { proveAgainWithFactor } from "@/lib/identity/factors/prove-again";
import { replaceRecoveryCodes } from "@/lib/identity/factors/recovery-codes";
import { removeAuthenticator } from "@/lib/identity/factors/remove-authenticator";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { activateRoles, activateRolesOperation } from "@/lib/operations/activation/activate-roles";
import { extendActivation, extendActivationOperation } from "@/lib/operations/activation/extend-activation";
import type { Caller } from "@/lib/platform/caller";
import { appCode } from "../app-code";
import { setSettings } from "../approval";
import { grant, makeActivation, makeUser, pastTheRules } from "../factories";
import { party, registerPasskey, softwarePasskey } from "../peers/software-passkey";
import { type Gates, outcomeOf, reason, type World } from "./gate";

async function eligible(world: World, memberName = "Max Member") {
  const caller = await world.person(memberName);
  const role = await world.protectedRole();
  const eligibility = await grant(
    world.database,
    "eligible",
    caller.userId,
    role.id,
    world.tree.subscription.id,
  );
  return { caller, role, eligibility };
}

async function activation(world: World) {
  const { caller, role, eligibility } = await eligible(world);
  const { database, tree } = world;
  const input = {
    eligibilityId: eligibility.id,
    resourceId: tree.group.id,
    startsAt: null,
    durationMinutes: 60,
  };
  const rest = { ...reason, ticketNumber: null, ticketSystem: null };
  const run = async (proofId: string | null) =>
    outcomeOf(await activateRole(database, caller, { ...input, ...rest, proofId }));
  return { caller, role, operation: { kind: "ActivateRole" as const, ...input }, run };
}

/** The same for an activation that is already running. */
async function extension(world: World) {
  const { caller, role, eligibility } = await eligible(world);
  const { database, tree } = world;
  const running = await pastTheRules(database, (transaction) =>
    makeActivation(
      transaction,
      { ...eligibility, resourceId: tree.group.id },
      addMinutes(world.now(), -30),
      60,
    ),
  );
  const expectedEnd = addMinutes(world.now(), 30);
  const input = { assignmentId: running.id, expectedEnd, endsAt: addMinutes(expectedEnd, 60) };
  const rest = { ...reason, ticketNumber: null, ticketSystem: null };
  const run = async (proofId: string | null) =>
    outcomeOf(await extendActivation(database, caller, { ...input, ...rest, proofId }));
  return { caller, role, operation: extendActivationOperation(input), run };
}

async function requireApproval(world: World, roleId: string): Promise<void> {
  const approver = await makeUser(world.database, "Anna Approver");
  await setSettings(world.database, roleId, world.tree.group.id, {
    ...defaultRoleSettings,
    approvalRequired: true,
    approvalStages: [
      { approverIds: [approver.id], approvalsNeeded: 1, timeoutHours: 24, escalationApproverIds: [] },
    ],
  });
}

const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];

/** A person with a confirmed authenticator app. */
export async function enrolled(world: World): Promise<Caller> {
  const caller = await world.person("Fay Factor");
  const begun = await beginEnrolment(world.database, keys, caller, {
    proofId: null,
    reauthenticated: true,
    pass: "",
  });
  if (!begun.ok) throw new Error(begun.message);
  const code = appCode(begun.secret, world.now());
  const result = await confirmEnrolment(world.database, keys, caller, code);
  if (!result.ok) throw new Error(result.message);
  return caller;
}

/** Members' own operations: activation, and their own factors. */
export const gatesOfMembers: Gates = {
  "activating a role": { file: "activate-role.ts", kind: "ActivateRole", arrange: activation },

  "asking to activate a role that takes approval": {
    file: "activate-role.ts",
    kind: "ActivateRole",
    async arrange(world) {
      const { role, ...gated } = await activation(world);
      await requireApproval(world, role.id);
      return gated;
    },
  },

  "extending a running activation": {
    file: "extend-activation.ts",
    kind: "ExtendActivation",
    arrange: extension,
  },

  "asking to extend an activation that takes approval": {
    file: "extend-activation.ts",
    kind: "ExtendActivation",
    async arrange(world) {
      const { role, ...gated } = await extension(world);
      await requireApproval(world, role.id);
      return gated;
    },
  },

  "activating several roles": {
    file: "activate-roles.ts",
    kind: "ActivateRoles",
    async arrange({ database, tree, ...world }) {
      const { caller, eligibility } = await eligible({ database, tree, ...world });
      const another = await world.protectedRole();
      const second = await grant(database, "eligible", caller.userId, another.id, tree.subscription.id);
      const items = [eligibility, second].map(({ id }) => ({
        eligibilityId: id,
        resourceId: tree.subscription.id,
        durationMinutes: 60,
      }));
      const input = { items, startsAt: null, ...reason, ticketNumber: null, ticketSystem: null };
      return {
        caller,
        operation: activateRolesOperation(input),
        run: async (proofId) => outcomeOf(...(await activateRoles(database, caller, { ...input, proofId }))),
      };
    },
  },

  "replacing one's authenticator app": {
    file: "authenticator.ts",
    kind: "ReplaceAuthenticator",
    async arrange(world) {
      const caller = await enrolled(world);
      return {
        caller,
        operation: { kind: "ReplaceAuthenticator" },
        async run(proofId) {
          const input = { proofId, reauthenticated: true, pass: "" };
          const begun = await beginEnrolment(world.database, keys, caller, input);
          if (!begun.ok) return begun.field === "oldCode" ? ["MfaRule"] : [begun.field];
          const epoch = Math.floor(world.now().getTime() / 1000);
          const code = generateSync({ secret: begun.secret, epoch });
          const result = await confirmEnrolment(world.database, keys, caller, code);
          return result.ok ? "done" : [result.message];
        },
      };
    },
  },
  "removing one's authenticator app": {
    file: "remove-authenticator.ts",
    kind: "RemoveAuthenticator",
    async arrange(world) {
      const caller = await enrolled(world);
      return {
        caller,
        operation: { kind: "RemoveAuthenticator" },
        run: async (proofId) =>
          (await removeAuthenticator(world.database, caller, proofId)).ok ? "done" : ["MfaRule"],
      };
    },
  },
  "adding a passkey": {
    file: "passkey-registration.ts",
    kind: "RegisterPasskey",
    async arrange({ database, ...world }) {
      const caller = await enrolled({ database, ...world });
      return {
        caller,
        operation: { kind: "RegisterPasskey" },
        async run(proofId) {
          const begun = await beginPasskey(database, party, caller, {
            proofId,
            reauthenticated: true,
            pass: "",
          });
          if (!begun.ok) return begun.field === "code" ? ["MfaRule"] : [begun.field];
          const response = softwarePasskey().register(begun.options.challenge);
          const made = await confirmPasskey(database, party, caller, { name: "Key", response });
          return made.ok ? "done" : [made.message];
        },
      };
    },
  },
  "removing a passkey": {
    file: "passkeys.ts",
    kind: "RemovePasskey",
    async arrange({ database, ...world }) {
      const caller = await world.person("Pat Passkey");
      await registerPasskey(database, caller);
      // Another way to sign in, since nobody can remove their last one.
      await database.client.passwordCredential.create({ data: { userId: caller.userId, hash: "none" } });
      const [passkey] = await listPasskeys(database, caller);
      const passkeyId = passkey?.id ?? "";
      return {
        caller,
        operation: { kind: "RemovePasskey", passkeyId },
        async run(proofId) {
          const removed = await removePasskey(database, caller, { passkeyId, proofId });
          if (removed.ok) return "done";
          return removed.unproved ? ["MfaRule"] : [removed.message];
        },
      };
    },
  },
  "proving again who one is": {
    file: "prove-again.ts",
    kind: "ManageSessions",
    async arrange(world) {
      const caller = await enrolled(world);
      return {
        caller,
        operation: { kind: "ManageSessions" },
        run: async (proofId) =>
          (await proveAgainWithFactor(world.database, caller, proofId)) ? "done" : ["MfaRule"],
      };
    },
  },
  "making new recovery codes": {
    file: "recovery-codes.ts",
    kind: "ReplaceRecoveryCodes",
    async arrange(world) {
      const caller = await enrolled(world);
      return {
        caller,
        operation: { kind: "ReplaceRecoveryCodes" },
        run: async (proofId) =>
          (await replaceRecoveryCodes(world.database, caller, proofId)) ? "done" : ["MfaRule"],
      };
    },
  },
};
