import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { createSession } from "@/lib/identity/sessions/sessions";
import {
  confirmFactorReset,
  confirmFactorResetOperation,
} from "@/lib/operations/people/confirm-factor-reset";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { reviewBreakGlassSignIn } from "@/lib/operations/people/review-break-glass-sign-in";
import {
  updateRoleDefinition,
  updateRoleDefinitionOperation,
} from "@/lib/operations/roles/update-role-definition";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { listedAccount } from "../../support/break-glass-accounts";
import { grant, makeGroup } from "../../support/factories";
import { setRules } from "../../support/sign-in-rules";

/**
 * Privileges that come from somebody neither by an assignment nor by a membership, but by a custom role that
 * they widened.
 */

const start = new Date("2026-03-02T09:00:00Z");
const why = { justification: "They lost the phone" };
const origin = { ipAddress: "192.0.2.99", userAgent: "A browser" };
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

/** Somebody who has a custom role at the root, through a group, that only allows reading. */
async function puppet(allows: readonly string[] = []) {
  const roleName = `Support ${randomUUID()}`;
  const permission = { actions: ["*/read", ...allows], notActions: [], dataActions: [], notDataActions: [] };
  const role = await at.database.client.roleDefinition.create({
    data: {
      ...{ roleName, description: "Support", roleType: "CustomRole", permissions: [permission] },
      assignableScopes: ["/"],
    },
  });
  const caller = await at.person("Pia Puppet");
  const group = await makeGroup(at.database, [caller.userId], `Support ${randomUUID()}`);
  await grant(at.database, "active", group.id, role.id, at.tree.root.id);
  const widen = async (by: Caller, actions: readonly string[]) => {
    const { version } = await at.database.client.roleDefinition.findUniqueOrThrow({ where: { id: role.id } });
    const edit = {
      ...{ roleDefinitionId: role.id, expectedVersion: version, justification: "More to support" },
      definition: {
        ...{ roleName, description: "Support", assignableScopes: ["/"] },
        permission: { ...permission, actions: [...permission.actions, ...actions] },
      },
    };
    const proofId = await at.prove(updateRoleDefinitionOperation(edit), by);
    expect(await updateRoleDefinition(at.database, by, { ...edit, proofId })).toMatchObject({ ok: true });
  };
  return { caller, widen };
}
const administers = "Microsoft.Authorization/roleManagementPolicies/write";
const managesPeople = "Microsoft.Authorization/principals/*";

it("reviews no use of a break-glass account that widened it, but one that somebody else widened it for", async () => {
  const account = await listedAccount(at, at.owner.userId, { access: "active" });
  const { sessionId } = await inTransaction(at.database, (transaction) =>
    createSession(transaction, account.id, origin),
  );
  now = addMinutes(now, 1);
  const by: Caller = {
    ...{ userId: account.id, displayName: account.displayName, email: account.email ?? "", sessionId },
    ...{ ...origin, correlationId: randomUUID() },
  };
  const review = (caller: Caller) =>
    reviewBreakGlassSignIn(at.database, caller, { sessionId, justification: "Fine" });
  const made = await puppet();
  expect(await review(made.caller)).toMatchObject(refusedWith("AuthorizationFailed"));
  await made.widen(by, [administers]);
  expect(await review(made.caller)).toMatchObject(refusedWith("OwnRequest"));
  const other = await puppet();
  await other.widen(at.owner, [administers]);
  expect(await review(other.caller)).toMatchObject({ ok: true });
});

it("confirms no reset of factors that was asked for by whoever widened it lately", async () => {
  await setRules(at.test, { reset_takes_two: true, reset_delay_hours: 0 });
  const person = await at.person("Lena Lost");
  const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) };
  await at.database.client.totpFactor.create({
    data: { userId: person.userId, ...sealed, confirmedAt: now },
  });
  const made = await puppet();
  await made.widen(at.owner, [managesPeople]);
  const principalId = person.userId;
  const ask = async () => {
    const proofId = await at.prove({ kind: "ResetAuthenticator", principalId });
    expect(await resetAuthenticator(at.database, at.owner, { principalId, ...why, proofId })).toMatchObject({
      ok: true,
    });
  };
  const confirm = async () => {
    const { id: resetId } = await at.database.client.factorReset.findFirstOrThrow({
      where: { userId: principalId, endedAt: null },
    });
    const proofId = await at.prove(confirmFactorResetOperation({ principalId, resetId }), made.caller);
    return confirmFactorReset(at.database, made.caller, { principalId, resetId, ...why, proofId });
  };
  await ask();
  expect(await confirm()).toMatchObject(refusedWith("OwnRequest"));
  // Long ago, it was ordinary work like any other.
  now = addDays(now, 30);
  await ask();
  expect(await confirm()).toMatchObject({ ok: true });
});
