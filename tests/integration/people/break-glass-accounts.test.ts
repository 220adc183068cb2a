import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readinessOf } from "@/lib/authority/break-glass-accounts";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { createSession } from "@/lib/identity/sessions/sessions";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import {
  handOverPrincipal,
  handOverPrincipalOperation,
} from "@/lib/operations/directories/hand-over-principal";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { applyFactorResets } from "@/lib/operations/people/apply-factor-resets";
import {
  confirmFactorReset,
  confirmFactorResetOperation,
} from "@/lib/operations/people/confirm-factor-reset";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import {
  nameBreakGlassAccount,
  nameBreakGlassAccountOperation,
} from "@/lib/operations/people/name-break-glass-account";
import {
  removeBreakGlassAccount,
  removeBreakGlassAccountOperation,
} from "@/lib/operations/people/remove-break-glass-account";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { reviewBreakGlassSignIn } from "@/lib/operations/people/review-break-glass-sign-in";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { updateRoleDefinition } from "@/lib/operations/roles/update-role-definition";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { breakGlassAccountsFor, openBreakGlassUses } from "@/lib/queries/people/break-glass-accounts";
import { itemsOf, startReview } from "../../support/access-reviews";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { listedAccount, readyAccount } from "../../support/break-glass-accounts";
import { oneAfterTheOther } from "../../support/database/held-lock";
import { entraUser, makeDirectory, patchOf } from "../../support/directories";
import { grant, makeCaller, makeGroup } from "../../support/factories";
import { importsOf } from "../../support/imports";
import { openReset } from "../../support/sign-in-rules";

const start = new Date("2026-03-02T09:00:00Z");
const why = { justification: "For the day when the provider fails" };
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

async function name(principalId: string, caller: Caller = at.owner, justification: string | null = "Safe") {
  const proofId = await at.prove(nameBreakGlassAccountOperation({ principalId }), caller);
  return nameBreakGlassAccount(at.database, caller, { principalId, justification, proofId });
}
async function unlist(principalId: string, caller: Caller = at.owner) {
  const proofId = await at.prove(removeBreakGlassAccountOperation({ principalId }), caller);
  return removeBreakGlassAccount(at.database, caller, { principalId, ...why, proofId });
}
const removal = (caller: Caller, id: string) =>
  removeAssignment(at.database, caller, { assignmentType: "Eligible", id, ...why });
const kept = (what: RegExp) => ({
  ok: false,
  error: { code: "Conflict", message: expect.stringMatching(what) },
});
const anotherOwner = async (displayName = "Oda Other") => {
  const caller = await at.person(displayName);
  await grant(at.database, "active", caller.userId, ownerRoleId, at.tree.root.id);
  return caller;
};
const signIn = (userId: string) =>
  inTransaction(at.database, (transaction) => createSession(transaction, userId, origin));

describe("the list of break-glass accounts", () => {
  it("is changed by root administrators with a code, and stands in the log", async () => {
    const account = await readyAccount(at);
    const unproved = { principalId: account.id, ...why, proofId: null };
    expect(await nameBreakGlassAccount(at.database, at.owner, unproved)).toMatchObject(refusedBy("MfaRule"));
    expect(await name(account.id)).toMatchObject({ ok: true });
    expect(await name(account.id), "twice").toMatchObject(kept(/already/));
    expect(await breakGlassAccountsFor(at.database, at.owner)).toMatchObject([
      { principal: { id: account.id }, namedBy: { id: at.owner.userId }, reason: "Safe", factor: true },
    ]);
    expect(await removeBreakGlassAccount(at.database, at.owner, unproved)).toMatchObject(
      refusedBy("MfaRule"),
    );
    expect(await unlist(account.id)).toMatchObject({ ok: true });
    expect(await unlist(account.id), "twice").toMatchObject(refusedWith("NotFound"));
    expect((await at.eventsOf(account.id)).filter((event) => event.endsWith("Success"))).toEqual([
      "BreakGlassAccountNamed Success",
      "BreakGlassAccountRemoved Success",
    ]);
  });

  it("is kept from whoever administers less than the root, or has less than the account has", async () => {
    const account = await readyAccount(at);
    const below = await at.person("Bo Below");
    await grant(at.database, "active", below.userId, ownerRoleId, at.tree.subscription.id);
    const { caller: petra } = await at.peopleManager();
    for (const caller of [below, petra]) {
      expect(await name(account.id, caller)).toMatchObject({ ok: false });
      expect(await breakGlassAccountsFor(at.database, caller)).toBeNull();
      const operation = nameBreakGlassAccountOperation({ principalId: account.id });
      expect(await createChallenge(at.database, caller, operation)).toBeNull();
    }
    expect(await at.database.client.breakGlassAccount.count({ where: { userId: account.id } })).toBe(0);
  });

  it("takes no account that would not help, and says all that it lacks", async () => {
    const bare = await at.person("Bea Bare");
    await grant(at.database, "eligible", bare.userId, ownerRoleId, at.tree.root.id, {
      endsAt: addDays(now, 30),
    });
    const refused = await name(bare.userId);
    expect(refused).toMatchObject(kept(/no password of its own.*no second factor.*no permanent role/));
    const waiting = await readyAccount(at);
    await at.database.client.passkey.updateMany({
      where: { userId: waiting.id },
      data: { countsFrom: addMinutes(now, 1) },
    });
    expect(await name(waiting.id)).toMatchObject(kept(/no second factor that counts now/));
    expect(await name((await readyAccount(at)).id, at.owner, "  ")).toMatchObject(
      refusedWith("InvalidInput"),
    );
  });
});

describe("a break-glass account", () => {
  it("is disabled by nobody, and keeps its access, until it is off the list", async () => {
    const account = await listedAccount(at, at.owner.userId);
    const other = await anotherOwner();
    expect(await disablePrincipal(at.database, other, { principalId: account.id, ...why })).toMatchObject(
      kept(/break-glass account, which cannot be disabled/),
    );
    expect(await removal(other, account.access.id)).toMatchObject(kept(/keeps its own access/));
    const sooner = {
      ...{ assignmentType: "Eligible" as const, id: account.access.id, ...why, startsAt: null },
      expected: { startsAt: account.access.startsAt, endsAt: null },
      endsAt: addDays(now, 1),
    };
    const proofId = await at.prove(updateAssignmentOperation(sooner), other);
    expect(await updateAssignment(at.database, other, { ...sooner, proofId })).toMatchObject(
      kept(/keeps its own access, and the end/),
    );
    await expect(
      inTransaction(
        at.database,
        (transaction) =>
          transaction.$executeRaw`UPDATE principals SET disabled_at = now() WHERE id = ${account.id}::uuid`,
      ),
      "whatever writes",
    ).rejects.toThrow();
    expect(await unlist(account.id)).toMatchObject({ ok: true });
    expect(await removal(other, account.access.id)).toMatchObject({ ok: true });
    expect(await disablePrincipal(at.database, other, { principalId: account.id, ...why })).toMatchObject({
      ok: true,
    });
  });

  it("keeps its second factors: nobody resets them, and a reset that waited when it was named lapses", async () => {
    const account = await listedAccount(at, at.owner.userId);
    const other = await anotherOwner();
    const asked = { principalId: account.id, ...why };
    const reset = async () =>
      resetAuthenticator(at.database, other, {
        ...asked,
        proofId: await at.prove({ kind: "ResetAuthenticator", principalId: account.id }, other),
      });
    expect(await reset()).toMatchObject(kept(/keeps its second factors/));
    const resetId = await openReset(at.database, account.id, at.owner.userId, 0);
    const confirmation = { principalId: account.id, resetId };
    const proofId = await at.prove(confirmFactorResetOperation(confirmation), other);
    expect(await confirmFactorReset(at.database, other, { ...confirmation, ...why, proofId })).toMatchObject(
      kept(/keeps its second factors/),
    );
    const { factorReset, passkey } = at.database.client;
    await factorReset.update({ where: { id: resetId }, data: { confirmedById: other.userId, dueAt: now } });
    expect(await applyFactorResets(at.database)).toBe(1);
    expect(await factorReset.findUnique({ where: { id: resetId } })).toMatchObject({ outcome: "Lapsed" });
    expect(await passkey.count({ where: { userId: account.id, removedAt: null } })).toBe(1);
    await unlist(account.id);
    expect(await reset()).toMatchObject({ ok: true });
  });

  it("keeps what its custom role allows: nobody narrows that, nor while the account is being named", async () => {
    const { owner, database } = at;
    const fields = {
      ...{ roleName: "Emergency access", description: "", assignableScopes: [at.tree.root.scope] },
      permission: { ...{ actions: ["*"], notActions: [] }, ...{ dataActions: [], notDataActions: [] } },
    };
    const made = await createRoleDefinition(database, owner, fields);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const { roleDefinitionId } = made;
    const account = await readyAccount(at);
    await grant(database, "eligible", account.id, roleDefinitionId, at.tree.root.id);
    const edit = (actions: string[]) => {
      const definition = { ...fields, permission: { ...fields.permission, actions } };
      return updateRoleDefinition(database, owner, {
        ...{ roleDefinitionId, expectedVersion: 0, definition, ...why, proofId: null },
      });
    };
    const results = await oneAfterTheOther(
      at.test,
      () => name(account.id),
      () => edit(["*/read"]),
    );
    expect(results).toMatchObject([{ ok: true }, kept(/keeps its own access/)]);
    expect(await edit(["*/read"])).toMatchObject(kept(/keeps its own access/));
    const { stage, rowsOf } = importsOf(at);
    const { roleName, assignableScopes } = fields;
    const file = [{ roleName, permissions: [{ actions: ["*/read"] }], assignableScopes }];
    expect(await rowsOf(await stage("RoleDefinitions", file))).toMatchObject([
      { outcome: "Bad", reason: expect.stringMatching(/keeps its own access/) },
    ]);
    await unlist(account.id);
    expect(await edit(["*/read"])).toMatchObject({ ok: true });
  });

  it("loses nothing that it was named for while it is being named", async () => {
    const account = await readyAccount(at);
    const other = await anotherOwner();
    const results = await oneAfterTheOther(
      at.test,
      () => name(account.id),
      () => removal(other, account.access.id),
    );
    expect(results).toMatchObject([{ ok: true }, kept(/keeps its own access/)]);
  });

  it("is not disabled, renamed or given another address by an import, nor one given to somebody else", async () => {
    const { stage, rowsOf, applyAll } = importsOf(at);
    const account = await listedAccount(at, at.owner.userId);
    const { email } = await at.database.client.principal.update({
      where: { id: account.id },
      data: { externalId: "safe-account" },
    });
    const row = { id: "safe-account", displayName: account.displayName, userPrincipalName: email };
    const other = "elsewhere@contoso.example";
    const importId = await stage("Users", [
      { ...row, accountEnabled: false },
      { ...row, displayName: "Somebody Else" },
      { ...row, userPrincipalName: other },
      { ...row, id: "another-account" },
    ]);
    const alone = [await stage("Users", [{ ...row, displayName: "Renamed" }])];
    alone.push(await stage("Users", [{ ...row, userPrincipalName: other }]));
    for (const each of alone) {
      expect(await rowsOf(each)).toMatchObject([
        {
          outcome: "Bad",
          reason: expect.stringMatching(/break-glass account, which an import does not change/),
        },
      ]);
      await applyAll(each);
    }
    // Being disabled there changes none of the existing people; the others are second rows, or have somebody
    // else's address.
    expect((await rowsOf(importId)).map(({ outcome }) => outcome)).toEqual([
      "Unchanged",
      "Bad",
      "Bad",
      "Bad",
    ]);
    const after = await at.database.client.principal.findUniqueOrThrow({ where: { id: account.id } });
    expect(after).toMatchObject({ displayName: account.displayName, email, disabledAt: null });
  });

  it("does not count on a group, which somebody could take it out of", async () => {
    const account = await listedAccount(at, at.owner.userId);
    const group = await makeGroup(at.database, [account.id], "Owners");
    const byGroup = await grant(at.database, "active", group.id, ownerRoleId, at.tree.root.id);
    const out = { groupId: group.id, memberId: account.id, ...why };
    expect(await removeGroupMember(at.database, at.owner, out)).toMatchObject({ ok: true });
    const ready = () => inTransaction(at.database, (transaction) => readinessOf(transaction, account.id));
    expect(await ready()).toMatchObject({ administersRoot: true });
    // By the group alone it would not have been named.
    const { id } = await readyAccount(at, { besides: true });
    await at.database.client.groupMember.create({ data: { groupId: group.id, memberId: id } });
    await at.test.asOwner("DELETE FROM eligibilities WHERE principal_id = $1", [id]);
    expect(await name(id)).toMatchObject(kept(/no permanent role/));
    await at.test.asOwner("DELETE FROM assignments WHERE id = $1", [byGroup.id]);
  });

  it("is not disabled or given up by a directory, which shows why", async () => {
    const directory = await makeDirectory(at);
    const made = await directory.scim("POST", "/Users", entraUser());
    const { id } = made.body;
    await at.database.client.breakGlassAccount.create({
      data: { userId: id, namedById: at.owner.userId, reason: "Safe" },
    });
    const off = await directory.scim(
      "PATCH",
      `/Users/${id}`,
      patchOf({ op: "Replace", path: "active", value: "False" }),
    );
    expect(off).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/cannot be disabled/) } });
    expect((await directory.scim("DELETE", `/Users/${id}`)).status).toBe(409);
    expect(await at.database.client.principal.findUniqueOrThrow({ where: { id } })).toMatchObject({
      ...{ disabledAt: null, directoryId: directory.id },
    });
    const drift = () => at.database.client.directoryDrift.findMany({ where: { directoryId: directory.id } });
    expect(await drift()).toMatchObject([{ kind: "BreakGlass", principalId: id, times: 2 }]);
    const on = patchOf({ op: "Replace", path: "active", value: "True" });
    expect((await directory.scim("PATCH", `/Users/${id}`, on)).status).toBe(200);
    expect(await drift()).toEqual([]);
  });

  it("is taken over by no directory, nor given to one, and one that belongs to a directory is not named", async () => {
    const directory = await makeDirectory(at);
    const drift = () =>
      at.database.client.directoryDrift.findMany({
        where: { directoryId: directory.id },
        select: { kind: true, principalId: true },
      });
    const account = await listedAccount(at, at.owner.userId);
    const externalId = `safe-${account.id}`;
    await at.database.client.principal.update({ where: { id: account.id }, data: { externalId } });
    expect(await directory.scim("POST", "/Users", entraUser({ externalId }))).toMatchObject({ status: 409 });
    expect(await drift()).toEqual([{ kind: "BreakGlass", principalId: account.id }]);
    const handing = { principalId: account.id, directoryId: directory.id };
    const proofId = await at.prove(handOverPrincipalOperation(handing));
    expect(await handOverPrincipal(at.database, at.owner, { ...handing, proofId })).toMatchObject(
      kept(/belongs to no directory/),
    );
    const where = { id: account.id };
    expect(await at.database.client.principal.findUniqueOrThrow({ where })).toMatchObject({
      ...{ displayName: "Gus Glass", email: account.email, directoryId: null },
    });

    const { id } = await readyAccount(at);
    await at.database.client.principal.update({ where: { id }, data: { directoryId: directory.id } });
    expect(await name(id)).toMatchObject(kept(/belongs to a directory/));
  });

  it("is not renamed or given another address or id by a directory that has it, which shows why", async () => {
    const directory = await makeDirectory(at);
    const sent = entraUser();
    const made = await directory.scim("POST", "/Users", sent);
    const { id } = made.body;
    const before = await at.database.client.principal.findUniqueOrThrow({ where: { id } });
    await at.database.client.breakGlassAccount.create({
      data: { userId: id, namedById: at.owner.userId, reason: "Safe" },
    });
    const change = (path: string, value: string) =>
      directory.scim("PATCH", `/Users/${id}`, patchOf({ op: "Replace", path, value }));
    for (const [path, value] of [
      ["displayName", "Mallory"],
      ["userName", "mallory@contoso.example"],
      ["externalId", "mallory"],
    ] as const)
      expect(await change(path, value), path).toMatchObject({
        ...{
          status: 409,
          body: { detail: expect.stringMatching(/keeps its name, address and external id/) },
        },
      });
    expect(await at.database.client.principal.findUniqueOrThrow({ where: { id } })).toEqual(before);
    const drift = () => at.database.client.directoryDrift.findMany({ where: { directoryId: directory.id } });
    expect(await drift()).toMatchObject([{ kind: "BreakGlass", principalId: id, times: 3 }]);
    expect((await change("userName", before.email ?? "")).status).toBe(200);
    expect(await drift()).toEqual([]);
  });

  it("keeps what an access review denies it, or denied it before it was named", async () => {
    const account = await readyAccount(at);
    const reviewer = await at.person("Rita");
    const reviewId = await startReview(at.database, at.owner, {
      ...{ resourceId: at.tree.root.id, roleDefinitionIds: [ownerRoleId], covers: "Eligible" },
      ...{ reviewers: "Selected", reviewerIds: [reviewer.userId] },
    });
    const item = (await itemsOf(at.database, reviewId)).find(({ principalId }) => principalId === account.id);
    const denial = { reviewId, itemIds: [item?.id ?? ""], seen: new Map(), reason: "Unused" };
    const deny = () => decideAccessReview(at.database, reviewer, { ...denial, decision: "Deny" });
    expect(await deny()).toMatchObject({ ok: true });
    expect(await name(account.id)).toMatchObject({ ok: true });
    expect(await deny()).toMatchObject(kept(/break-glass account/));
    expect(await stopAccessReview(at.database, at.owner, { reviewId, reason: "Enough" })).toMatchObject({
      ok: true,
    });
    expect(await applyAccessReview(at.database, at.owner, { reviewId })).toMatchObject({ ok: true });
    const applied = await at.database.client.accessReviewItem.findUniqueOrThrow({
      where: { id: item?.id ?? "" },
    });
    expect(applied).toMatchObject({
      outcome: "Failed",
      outcomeMessage: expect.stringMatching(/break-glass/),
    });
    const access = await at.database.client.eligibility.findUniqueOrThrow({
      where: { id: account.access.id },
    });
    expect(access.endsAt).toBeNull();
  });
});

describe("a sign-in by a break-glass account", () => {
  it("notifies all administrators at once by mail and bell, whatever they have muted", async () => {
    const account = await listedAccount(at, at.owner.userId, { access: "active" });
    const other = await anotherOwner("Mo Muted");
    await at.database.client.notificationPreference.create({
      data: { userId: other.userId, mutedCategories: ["administration", "requests"] },
    });
    const { sessionId } = await signIn(account.id);
    await deliverNotifications(at.database, { mail: true });
    const notices = await at.database.client.notification.findMany({
      where: { title: { contains: "break-glass account" }, subjectKey: { startsWith: "event:" } },
      select: { recipientId: true, title: true },
    });
    const emergencies = notices.filter(({ title }) => title.startsWith("Emergency"));
    expect(emergencies.map(({ recipientId }) => recipientId)).toEqual(
      expect.arrayContaining([at.owner.userId, other.userId]),
    );
    const mailed = await at.database.client.mailMessage.findMany({ select: { recipientId: true } });
    expect(mailed.map(({ recipientId }) => recipientId)).toEqual(
      expect.arrayContaining([at.owner.userId, other.userId]),
    );
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "BreakGlassSignIn", targetId: account.id },
    });
    expect(event).toMatchObject({ sessionId, ipAddress: origin.ipAddress, details: { method: "Password" } });
  });

  it("waits for a review by another administrator, once, with a note", async () => {
    const account = await listedAccount(at, at.owner.userId, { access: "active" });
    const self = await at.database.client.principal.findUniqueOrThrow({ where: { id: account.id } });
    const { sessionId } = await signIn(account.id);
    const caller: Caller = { ...(await makeCallerOf(self)), sessionId };
    const review = (by: Caller, justification: string | null) =>
      reviewBreakGlassSignIn(at.database, by, { sessionId, justification });
    const openFor = async (by: Caller) =>
      (await openBreakGlassUses(at.database, by, 50)).find((use) => use.sessionId === sessionId);
    expect(await review(caller, "It was me")).toMatchObject(refusedWith("OwnRequest"));
    expect(await openFor(caller)).toMatchObject({ mayClose: false });
    const nobody = await at.person("Nobody");
    expect(await review(nobody, "Fine")).toMatchObject(refusedWith("NotFound"));
    expect(await openFor(nobody)).toBeUndefined();
    expect(await review(at.owner, " ")).toMatchObject(refusedWith("InvalidInput"));
    expect(await openFor(at.owner)).toMatchObject({ mayClose: true, method: "Password" });
    now = addMinutes(now, 60 * 24 * 90);
    expect(await openFor(at.owner), "months later").toMatchObject({ mayClose: true });
    expect(await review(at.owner, "A drill")).toMatchObject({ ok: true });
    expect(await review(await anotherOwner(), "A drill")).toMatchObject(refusedWith("Conflict"));
    expect(await openFor(at.owner)).toBeUndefined();
  });

  it("is not reviewed by somebody who signs in by what the account issued since", async () => {
    const account = await listedAccount(at, at.owner.userId, { access: "active" });
    const puppet = await anotherOwner("Pia Puppet");
    const { sessionId } = await signIn(account.id);
    now = addMinutes(now, 1);
    const by: Caller = { ...(await makeCallerOf(account)), sessionId };
    const issued = await issueSignIn(at.database, by, {
      principalId: puppet.userId,
      signIn: { kind: "Invitation", tokenHash: new Uint8Array(32).fill(9) },
      ...why,
      proofId: await at.prove({ kind: "IssueSignIn", principalId: puppet.userId }, by),
    });
    expect(issued).toMatchObject({ ok: true });
    const again = await makeCallerOf({ ...puppet, id: puppet.userId });
    expect(
      await reviewBreakGlassSignIn(at.database, again, { sessionId, justification: "Fine" }),
    ).toMatchObject(refusedWith("OwnRequest"));
  });

  it("makes no session without its review, whatever writes it", async () => {
    const account = await listedAccount(at, at.owner.userId);
    await expect(makeCaller(at.database, account)).rejects.toThrow();
    expect(await at.database.client.session.count({ where: { userId: account.id } })).toBe(0);
  });
});

/** A caller without a session of the test's own, which a break-glass account cannot have. */
async function makeCallerOf(user: {
  id: string;
  displayName: string;
  email: string | null;
}): Promise<Caller> {
  const session = await inTransaction(at.database, (transaction) =>
    createSession(transaction, user.id, origin),
  );
  const { id: userId, displayName, email } = user;
  return {
    ...{ userId, displayName, email: email ?? "", sessionId: session.sessionId },
    ...{ ...origin, correlationId: crypto.randomUUID() },
  };
}
