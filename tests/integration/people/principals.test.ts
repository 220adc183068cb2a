import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { hashPassword } from "@/lib/identity/passwords/password";
import {
  choosePassword,
  makeOneTimePassword,
  makeToken,
  readPasswordTicket,
} from "@/lib/identity/passwords/password-ticket";
import { createSession, findCaller } from "@/lib/identity/sessions/sessions";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { updatePrincipal } from "@/lib/operations/people/update-principal";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { inTransaction } from "@/lib/platform/transaction";
import { firstPage } from "@/lib/queries/pages";
import { listPrincipals, type PeopleOrder } from "@/lib/queries/people/people";
import { viewPerson } from "@/lib/queries/people/person";
import { type Administration, makeAdministration } from "../../support/administration";
import { createTestDatabase } from "../../support/database/database";
import { atOnce, oneAfterTheOther } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

let now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
let test: Administration["test"];
let tree: Administration["tree"];
let owner: Administration["owner"];
const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
const secrets = ["a-session-secret-of-at-least-thirty-two-characters"] as const;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  ({ test, tree, owner } = at);
});
afterAll(() => test.drop());
beforeEach(() => {
  now = new Date("2026-03-02T09:00:00Z");
});

const reason = { justification: "As agreed" };
const denied = { ok: false, error: { code: "AuthorizationFailed" } };
const mfa = { ok: false, error: { failures: [{ rule: "MfaRule" }] } };

const peopleManager = async () => (await at.peopleManager()).caller;

describe("disabling", () => {
  it("ends sessions, access and activations at once; enabling gives access back, activations not", async () => {
    const { database } = test;
    const user = await makeUser(database, "Dora");
    const role = await makeRole(database, "Deployer", { actions: ["Microsoft.Web/*"] });
    const admin = await makeRole(database, "Administrator", {
      actions: ["Microsoft.Authorization/roleManagementPolicies/*"],
    });
    await grant(database, "active", user.id, admin.id, tree.group.id);
    const eligibility = await grant(database, "eligible", user.id, role.id, tree.group.id);
    await pastTheRules(database, (to) =>
      to.assignment.create({
        data: {
          principalId: user.id,
          roleDefinitionId: role.id,
          resourceId: tree.group.id,
          assignmentType: "Activated",
          eligibilityId: eligibility.id,
          startsAt: addMinutes(now, -5),
          endsAt: addMinutes(now, 200),
        },
      }),
    );
    const token = await inTransaction(database, (transaction) => createSession(transaction, user.id, origin));
    expect(await findCaller(database, token, origin)).not.toBeNull();
    const mayWrite = () =>
      inTransaction(database, (transaction) =>
        may(transaction, user.id, "Microsoft.Authorization/roleManagementPolicies/write", tree.group.id),
      );
    expect(await mayWrite()).toBe(true);

    const target = { principalId: user.id, ...reason };
    expect(await disablePrincipal(database, owner, target)).toMatchObject({
      ok: true,
      endedSessions: 1,
      endedActivations: 1,
    });
    expect(await findCaller(database, token, origin)).toBeNull();
    expect(await mayWrite()).toBe(false);
    expect(await disablePrincipal(database, owner, target)).toMatchObject({ error: { code: "Conflict" } });

    now = addMinutes(now, 1);
    const proofId = await makeProof(database, owner, { kind: "EnablePrincipal", principalId: user.id });
    expect(await enablePrincipal(database, owner, { ...target, proofId })).toMatchObject({ ok: true });
    expect(await mayWrite()).toBe(true);
    expect(await findCaller(database, token, origin)).toBeNull();
    const live = { principalId: user.id, assignmentType: "Activated" as const, endsAt: { gt: now } };
    expect(await database.client.assignment.count({ where: live })).toBe(0);
  });

  it("in the middle of an activation leaves nothing of it, whichever comes first, and enabling brings none back", async () => {
    const { database } = test;
    const role = await makeRole(database, "Raced", {
      actions: ["Microsoft.Authorization/roleManagementPolicies/*"],
    });
    await database.client.roleManagementPolicy.create({
      data: { resourceId: tree.group.id, roleDefinitionId: role.id, activationRequiresMfa: false },
    });
    for (const leading of ["first", "second"] as const) {
      const user = await makeUser(database, `Raced ${leading}`);
      const eligibility = await grant(database, "eligible", user.id, role.id, tree.group.id);
      const caller = await makeCaller(database, user);
      const target = { principalId: user.id, ...reason };
      const activation = {
        eligibilityId: eligibility.id,
        resourceId: tree.group.id,
        startsAt: null,
        durationMinutes: 60,
        justification: "Race",
        ticketNumber: null,
        ticketSystem: null,
        proofId: null,
      };
      const activating = () => activateRole(database, caller, activation);
      const disabling = () => disablePrincipal(database, owner, target);
      const [activated, disabled] = await oneAfterTheOther(test, activating, disabling, leading);
      expect(activated.ok).toBe(leading === "first");
      expect(disabled).toMatchObject({ ok: true });
      const mayWrite = () =>
        inTransaction(database, (transaction) =>
          may(transaction, user.id, "Microsoft.Authorization/roleManagementPolicies/write", tree.group.id),
        );
      expect(await mayWrite()).toBe(false);
      expect(await activateRole(database, caller, activation)).toMatchObject({ ok: false });
      now = addMinutes(now, 1);
      const proofId = await makeProof(database, owner, { kind: "EnablePrincipal", principalId: user.id });
      expect(await enablePrincipal(database, owner, { ...target, proofId })).toMatchObject({ ok: true });
      expect(await mayWrite()).toBe(false);
    }
  });

  it("leaves the last permanent active Owner, of two that disable each other too, groups not counting", async () => {
    const fresh = await createTestDatabase();
    try {
      const { database } = fresh;
      const { root } = await makeTree(database);
      await makeOwnerRole(database);
      const [a, b] = [await makeUser(database, "A"), await makeUser(database, "B")];
      await grant(database, "active", a.id, ownerRoleId, root.id);
      const assignment = await grant(database, "active", b.id, ownerRoleId, root.id);
      const group = await makeGroup(database, [b.id], "Owners");
      const callers = [await makeCaller(database, a), await makeCaller(database, b)] as const;
      const results = await atOnce(fresh, [
        () => disablePrincipal(database, callers[0], { principalId: b.id, ...reason }),
        () => disablePrincipal(database, callers[1], { principalId: a.id, ...reason }),
      ]);
      expect(results.filter((result) => result.ok)).toHaveLength(1);

      await database.client.principal.updateMany({ data: { disabledAt: null } });
      await pastTheRules(database, (to) =>
        to.assignment.update({
          where: { id: assignment.id },
          data: { endsAt: new Date(), removedAt: new Date() },
        }),
      );
      await grant(database, "active", group.id, ownerRoleId, root.id);
      expect(await disablePrincipal(database, callers[1], { principalId: a.id, ...reason })).toMatchObject({
        ok: false,
        error: { code: "LastOwner" },
      });
      expect(
        await disablePrincipal(database, callers[0], { principalId: group.id, ...reason }),
      ).toMatchObject({ ok: true });
      expect(await disablePrincipal(database, callers[0], { principalId: a.id, ...reason })).toMatchObject({
        ok: false,
        error: { code: "Conflict" },
      });
    } finally {
      await fresh.drop();
    }
  });

  it("and enabling take authority over the access, and enabling the proof that its role settings require", async () => {
    const { database } = test;
    const manager = await peopleManager();
    const user = await makeUser(database, "Hugo");
    const role = await makeRole(database, "Deployer", { actions: ["Microsoft.Web/*"] });
    await grant(database, "active", user.id, role.id, tree.subscription.id);
    await database.client.roleManagementPolicy.create({
      data: { resourceId: tree.subscription.id, roleDefinitionId: role.id, assignmentRequiresMfa: true },
    });
    const target = { principalId: user.id, ...reason };
    expect(await disablePrincipal(database, manager, target)).toMatchObject(denied);
    expect(await disablePrincipal(database, owner, target)).toMatchObject({ ok: true });
    expect(await enablePrincipal(database, manager, { ...target, proofId: null })).toMatchObject(denied);
    expect(await enablePrincipal(database, owner, { ...target, proofId: null })).toMatchObject(mfa);
    const proofId = await makeProof(database, owner, { kind: "EnablePrincipal", principalId: user.id });
    expect(await enablePrincipal(database, owner, { ...target, proofId })).toMatchObject({ ok: true });
  });
});

describe("a new user's first sign-in", () => {
  const details = { type: "User" as const, displayName: "Nora New", externalId: null };

  it("with a one-time password is good for choosing another, once, and for nothing else", async () => {
    const { database } = test;
    const { password, passwordHash } = await makeOneTimePassword(owner);
    const email = "nora@contoso.example";
    const made = await createPrincipal(database, owner, {
      ...details,
      email,
      signIn: { kind: "OneTimePassword", passwordHash },
    });
    expect(made).toMatchObject({ ok: true });
    const first = await signIn(database, secrets, { email, password }, origin);
    if (first.ok || first.reason !== "ChoosePassword") throw new Error("it let them in");
    const used = { kind: "OneTimePasswordUsed", targetId: made.ok ? made.principalId : "" };
    expect(await database.client.auditEvent.findMany({ where: used })).toMatchObject([
      { outcome: "Success", ipAddress: origin.ipAddress },
    ]);
    expect(await database.client.session.count({ where: { user: { email } } })).toBe(0);
    const again = { token: first.ticket, password };
    expect(await choosePassword(database, again, origin)).toMatchObject({ ok: false, field: "password" });
    const own = { token: first.ticket, password: "seven herons over tiled roofs" };
    const results = await atOnce(
      test,
      Array.from({ length: 4 }, () => () => choosePassword(database, own, origin)),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await signIn(database, secrets, { email, password }, origin)).toMatchObject({ reason: "Refused" });
    expect(await signIn(database, secrets, { email, password: own.password }, origin)).toMatchObject({
      ok: true,
    });
  });

  it("by invitation ends with its use, its time, and the next one", async () => {
    const { database } = test;
    const [first, second] = [makeToken(), makeToken()];
    const made = await createPrincipal(database, owner, {
      ...details,
      email: "ines@contoso.example",
      signIn: { kind: "Invitation", tokenHash: first.tokenHash },
    });
    if (!made.ok) throw new Error("not made");
    expect(await readPasswordTicket(database, first.token, origin)).toMatchObject({
      displayName: "Nora New",
    });
    const operation = { kind: "IssueSignIn" as const, principalId: made.principalId };
    const input = {
      principalId: made.principalId,
      signIn: { kind: "Invitation" as const, tokenHash: second.tokenHash },
      ...reason,
    };
    expect(await issueSignIn(database, owner, { ...input, proofId: null })).toMatchObject(mfa);
    const proofId = await makeProof(database, owner, operation);
    expect(await issueSignIn(database, owner, { ...input, proofId })).toMatchObject({ ok: true });
    expect(await readPasswordTicket(database, first.token, origin)).toBeNull();
    now = addDays(now, 7);
    expect(await readPasswordTicket(database, second.token, origin)).toBeNull();
    expect(
      await choosePassword(
        database,
        { token: second.token, password: "seven herons over tiled roofs" },
        origin,
      ),
    ).toMatchObject({ ok: false, field: "token" });
  });
});

describe("somebody else's sign-in and authenticator app", () => {
  it("are reset with a proof always, by whoever could assign their access, and end their sessions", async () => {
    const { database } = test;
    const user = await makeUser(database, "Frida");
    await database.client.passwordCredential.create({
      data: { userId: user.id, hash: await hashPassword("the old password") },
    });
    await database.client.totpFactor.create({
      data: {
        userId: user.id,
        keyId: "k",
        nonce: new Uint8Array(12),
        ciphertext: new Uint8Array(40),
        confirmedAt: now,
      },
    });
    const role = await makeRole(database, "Owner of web", { actions: ["*"] });
    await grant(database, "eligible", user.id, role.id, tree.group.id);
    const manager = await peopleManager();
    const input = { principalId: user.id, ...reason };
    const operation = { kind: "ResetAuthenticator" as const, principalId: user.id };
    const theirs = await makeProof(database, manager, operation);
    expect(await resetAuthenticator(database, manager, { ...input, proofId: theirs })).toMatchObject(denied);
    expect(await resetAuthenticator(database, owner, { ...input, proofId: null })).toMatchObject(mfa);
    const proofId = await makeProof(database, owner, operation);
    const token = await inTransaction(database, (transaction) => createSession(transaction, user.id, origin));
    expect(await resetAuthenticator(database, owner, { ...input, proofId })).toMatchObject({
      ok: true,
      endedSessions: 1,
    });
    expect(await findCaller(database, token, origin)).toBeNull();
    const left = { userId: user.id, removedAt: null };
    expect(await database.client.totpFactor.count({ where: left })).toBe(0);

    const { passwordHash } = await makeOneTimePassword(owner);
    const signInInput = { ...input, signIn: { kind: "OneTimePassword" as const, passwordHash } };
    const forged = await makeProof(database, manager, { kind: "IssueSignIn", principalId: user.id });
    expect(await issueSignIn(database, manager, { ...signInInput, proofId: forged })).toMatchObject(denied);
    const own = { ...input, principalId: owner.userId, proofId: null };
    expect(await resetAuthenticator(database, owner, own)).toMatchObject({ error: { code: "Conflict" } });
  });
});

describe("names", () => {
  it("are one principal's: an address and an external id without regard to case, at the same time too", async () => {
    const { database } = test;
    const input = {
      type: "User" as const,
      displayName: "Tina Twin",
      email: "tina@contoso.example",
      externalId: "OBJECT-1",
      signIn: null,
    };
    const results = await atOnce(
      test,
      Array.from({ length: 4 }, () => () => createPrincipal(database, owner, input)),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.find((result) => !result.ok)).toMatchObject({
      error: { code: "InvalidInput", faults: [{ field: "email" }, { field: "externalId" }] },
    });
    const other = { ...input, type: "Group" as const, email: null, externalId: "object-1" };
    expect(await createPrincipal(database, owner, other)).toMatchObject({
      error: { faults: [{ field: "externalId" }] },
    });
  });

  it("are not overwritten by a stale form, and are changed by whoever could assign the access", async () => {
    const { database } = test;
    const user = await makeUser(database, "Stella Stale");
    const role = await makeRole(database, "Reader", { actions: ["*/read"] });
    await grant(database, "active", user.id, role.id, tree.group.id);
    const input = {
      principalId: user.id,
      expectedVersion: 0,
      displayName: "Stella Fresh",
      email: user.email,
      externalId: null,
      proofId: null,
    };
    const manager = await peopleManager();
    const moved = { ...input, email: "thief@contoso.example" };
    expect(await updatePrincipal(database, manager, moved)).toMatchObject(denied);
    expect(await updatePrincipal(database, manager, input)).toMatchObject(denied);
    expect(await updatePrincipal(database, owner, input)).toMatchObject({ ok: true, version: 1 });
    expect(await updatePrincipal(database, owner, input)).toMatchObject({ error: { code: "StaleEdit" } });
    const event = await database.client.auditEvent.findFirstOrThrow({
      where: { kind: "PrincipalUpdated", outcome: "Success", targetId: user.id },
    });
    expect(event.details).toMatchObject({
      before: { displayName: "Stella Stale" },
      after: { displayName: "Stella Fresh" },
    });
  });
});

describe("who may read people", () => {
  it("is whoever may at the root; everybody reads themselves, and nobody else", async () => {
    const { database } = test;
    const user = await makeUser(database, "Zoe Zed");
    const caller = await makeCaller(database, user);
    const order = { by: "name", descending: false } as const;
    const filter = {
      type: "User" as const,
      search: "",
      status: "all" as const,
      order,
      without: null,
      issuers: noIssuers,
    };
    expect(await listPrincipals(database, caller, filter, firstPage)).toBeNull();
    expect(await viewPerson(database, caller, owner.userId)).toBeNull();
    expect(await viewPerson(database, caller, user.id)).toMatchObject({ displayName: "Zoe Zed" });
    expect(await viewPerson(database, owner, "nonsense")).toBeNull();
    const manager = await peopleManager();
    const role = await makeRole(database, "Hidden role", { actions: ["*/read"] });
    await grant(database, "active", user.id, role.id, tree.group.id);
    expect((await viewPerson(database, manager, user.id))?.roles).toEqual([]);
    expect((await viewPerson(database, owner, user.id))?.roles).toMatchObject([{ roleName: "Hidden role" }]);
  });

  it("pages in every order without losing or repeating anybody, and searches literally", async () => {
    const { database } = test;
    await database.client.principal.createMany({
      data: Array.from({ length: 120 }, (_, index) => ({
        type: "Group" as const,
        displayName: index % 3 === 0 ? "Same name" : `Group ${index} 100%`,
      })),
    });
    const filter = { search: "", status: "enabled" as const, without: null, issuers: noIssuers };
    const listed = async (type: "User" | "Group", by: PeopleOrder["by"], descending: boolean) => {
      const ids: string[] = [];
      for (let after: string | null = ""; after !== null; ) {
        const order: PeopleOrder = { by, descending };
        const page = await listPrincipals(database, owner, { ...filter, type, order }, { after, before: "" });
        ids.push(...(page?.rows ?? []).map((row) => row.id));
        after = page?.next ?? null;
      }
      return ids;
    };
    const seen = await listed("Group", "name", false);
    expect(await listed("Group", "name", true)).toEqual([...seen].reverse());
    const byEmail = await listed("User", "email", false);
    expect(await listed("User", "email", true)).toEqual([...byEmail].reverse());
    const users = await database.client.principal.findMany({ where: { type: "User", disabledAt: null } });
    const emails = byEmail.map((id) => users.find((user) => user.id === id)?.email ?? "");
    expect(emails).toEqual(users.map((user) => user.email ?? "").sort());
    const where = { type: "Group" as const, disabledAt: null };
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(await database.client.principal.count({ where }));
    const searched = async (search: string) => {
      const order = { by: "name", descending: false } as const;
      const asked = { ...filter, type: "Group" as const, order, search };
      return (await listPrincipals(database, owner, asked, firstPage))?.rows.length;
    };
    expect([await searched("%"), await searched("1_0%")]).toEqual([50, 0]);
  });

  it("find the exact name first, then names that begin so, and words in any order, page by page", async () => {
    const { database } = test;
    const names = ["Zoe Anders", "Anders Bo", "Anders", "Bo Landers", "Landers Anders Bo"];
    for (const displayName of [...names, ...Array.from({ length: 60 }, (_, n) => `Sanders ${n}`)])
      await database.client.principal.create({ data: { type: "ServicePrincipal", displayName } });
    const asked = {
      type: "ServicePrincipal",
      status: "all",
      order: null,
      without: null,
      issuers: noIssuers,
    } as const;
    const page = (search: string, after = "") =>
      listPrincipals(database, owner, { ...asked, search }, { after, before: "" });
    const first = await page("anders");
    expect(first?.rows.slice(0, 4).map(({ displayName }) => displayName)).toEqual([
      "Anders",
      "Anders Bo",
      "Zoe Anders",
      "Landers Anders Bo",
    ]);
    expect(first?.total).toBe(65);
    const second = await page("anders", first?.next ?? "");
    const all = [...(first?.rows ?? []), ...(second?.rows ?? [])].map(({ id }) => id);
    expect([all.length, new Set(all).size, second?.next]).toEqual([65, 65, null]);
    const turned = await page("bo LANDERS anders");
    expect(turned?.rows.map(({ displayName }) => displayName)).toEqual(["Bo Landers", "Landers Anders Bo"]);
  });
});
