import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { endPersonSessions } from "@/lib/operations/people/end-person-sessions";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { setManager } from "@/lib/operations/people/set-manager";
import type { Caller } from "@/lib/platform/caller";
import { refusedWith } from "../../support/administration";
import { editPrincipal } from "../../support/edit-principal";
import { makeCaller, makeGroup, makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";
import { enrol, privilegeKinds } from "../../support/privileges";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeImports>>;
let petra: Caller;
beforeAll(async () => {
  at = await makeImports(() => now);
  petra = (await at.peopleManager()).caller;
});
afterAll(() => at.test.drop());

const why = { justification: "As agreed" };
const edit = (principalId: string, change: object) => editPrincipal(at, principalId, change, petra);
let count = 0;
const fresh = (prefix: string) => {
  count += 1;
  return `${prefix}${count}`;
};

/** An import of one row, with a result like that of an operation. */
async function imported(kind: "Users" | "Groups" | "GroupMembers", rows: unknown, removeMembers?: string) {
  const importId = await at.stage(kind, rows, {
    caller: petra,
    ...(removeMembers === undefined ? {} : { group: removeMembers, removeMembers: true }),
  });
  const staged = await at.rowsOf(importId);
  const proofId = await at.proofFor(importId, petra);
  const confirmed = await at.confirm(importId, proofId, petra);
  if (confirmed.ok) await at.applyAll(importId, proofId, petra).catch(() => undefined);
  const rowsAfter = await at.rowsOf(importId);
  const message = [...staged, ...rowsAfter].map((row) => row.reason ?? "").join(" ");
  return rowsAfter.some((row) => row.state === "Applied")
    ? { ok: true as const }
    : {
        ok: false as const,
        error: {
          code: /do not have authorization/.test(message) ? "AuthorizationFailed" : "Other",
          message,
        },
      };
}

type Attack = (principalId: string) => Promise<OperationResult<object> | { ok: boolean; error?: object }>;

/** What somebody who manages people may do to a user, each by itself. */
const againstUsers: Readonly<Record<string, Attack>> = {
  "renaming them": (id) => edit(id, { displayName: fresh("Olga Owner ") }),
  "changing their address": (id) => edit(id, { email: `${fresh("thief")}@contoso.example` }),
  "changing their external id": (id) => edit(id, { externalId: fresh("external-") }),
  "renaming them by an import": async (id) => {
    const { email } = await at.database.client.principal.findUniqueOrThrow({ where: { id } });
    return imported("Users", [{ displayName: fresh("Olga Owner "), userPrincipalName: email }]);
  },
  "giving them an external id by an import": async (id) => {
    const { email, displayName } = await at.database.client.principal.findUniqueOrThrow({ where: { id } });
    return imported("Users", [{ id: fresh("object-"), displayName, userPrincipalName: email }]);
  },
  "issuing a sign-in": async (principalId) =>
    issueSignIn(at.database, petra, {
      principalId,
      signIn: { kind: "OneTimePassword", passwordHash: "$argon2id$v=19$m=19456,t=2,p=1$YWJj$YWJj" },
      ...why,
      proofId: await at.prove({ kind: "IssueSignIn", principalId }, petra),
    }),
  "inviting them anew": async (principalId) =>
    issueSignIn(at.database, petra, {
      principalId,
      signIn: { kind: "Invitation", tokenHash: new Uint8Array(Buffer.from(fresh("token"))) },
      ...why,
      proofId: await at.prove({ kind: "IssueSignIn", principalId }, petra),
    }),
  "linking them to an identity provider": async (principalId) => {
    const provider = { issuer: "https://id.example", name: "Example" };
    const operation = { kind: "LinkIdentity" as const, principalId, issuer: provider.issuer };
    const tokenHash = new Uint8Array(32).fill(5);
    const proofId = await at.prove(operation, petra);
    return issueIdentityLink(at.database, petra, { principalId, provider, tokenHash, ...why, proofId });
  },
  "unlinking them from an identity provider": async (principalId) => {
    const { id: linkId } = await at.database.client.identityLink.create({
      data: { principalId, issuer: "https://id.example", subject: fresh("subject-") },
    });
    const proofId = await at.prove({ kind: "UnlinkIdentity", principalId, linkId }, petra);
    const input = { principalId, linkId, provider: "Example", ...why, proofId };
    return removeIdentityLink(at.database, petra, input);
  },
  "resetting their authenticator app": async (principalId) => {
    await enrol(at, principalId, now);
    const proofId = await at.prove({ kind: "ResetAuthenticator", principalId }, petra);
    return resetAuthenticator(at.database, petra, { principalId, ...why, proofId });
  },
  "ending their sessions": async (principalId) => {
    const user = await at.database.client.principal.findUniqueOrThrow({ where: { id: principalId } });
    await makeCaller(at.database, user);
    return endPersonSessions(at.database, petra, { principalId, sessionId: null, ...why });
  },
  "setting their manager": async (userId) => {
    const asked = { userId, managerId: (await makeUser(at.database)).id };
    const proofId = await at.prove({ kind: "SetManager", ...asked }, petra);
    return setManager(at.database, petra, { ...asked, proofId });
  },
  "disabling them": (principalId) => disablePrincipal(at.database, petra, { principalId, ...why }),
  "enabling them": async (principalId) => {
    await at.database.client.principal.update({ where: { id: principalId }, data: { disabledAt: now } });
    const proofId = await at.prove({ kind: "EnablePrincipal", principalId }, petra);
    return enablePrincipal(at.database, petra, { principalId, ...why, proofId });
  },
};

/** The same to a group. */
const againstGroups: Readonly<Record<string, Attack>> = {
  "joining it": async (groupId) => {
    const input = { groupId, memberIds: [petra.userId] };
    const proofId = await at.prove(addGroupMembersOperation(input), petra);
    return addGroupMembers(at.database, petra, { ...input, ...why, proofId });
  },
  "putting a group of one's own into it": async (groupId) => {
    const own = await makeGroup(at.database, [petra.userId], fresh("Own "));
    const input = { groupId, memberIds: [own.id] };
    const proofId = await at.prove(addGroupMembersOperation(input), petra);
    return addGroupMembers(at.database, petra, { ...input, ...why, proofId });
  },
  "joining it by an import": async (groupId) => {
    const { email } = await at.database.client.principal.findUniqueOrThrow({ where: { id: petra.userId } });
    return imported("GroupMembers", `group,member\n${groupId},${email}\n`);
  },
  "taking a member out of it": async (groupId) => {
    const { id: memberId } = await makeUser(at.database);
    await at.database.client.groupMember.create({ data: { groupId, memberId } });
    return removeGroupMember(at.database, petra, { groupId, memberId, ...why });
  },
  "taking a member out of it by an import": async (groupId) => {
    const [left, stays] = [await makeUser(at.database), await makeUser(at.database)];
    await at.database.client.groupMember.createMany({
      data: [left, stays].map(({ id: memberId }) => ({ groupId, memberId })),
    });
    return imported("GroupMembers", [{ id: stays.id, userPrincipalName: stays.email }], groupId);
  },
  "renaming it": (id) => edit(id, { displayName: fresh("Owners ") }),
  "changing its external id": (id) => edit(id, { externalId: fresh("external-") }),
  "renaming it by an import": async (id) => {
    const externalId = fresh("object-");
    await at.database.client.principal.update({ where: { id }, data: { externalId } });
    return imported("Groups", [{ id: externalId, displayName: fresh("Owners ") }]);
  },
  "disabling it": (principalId) => disablePrincipal(at.database, petra, { principalId, ...why }),
  "enabling it": async (principalId) => {
    await at.database.client.principal.update({ where: { id: principalId }, data: { disabledAt: now } });
    const proofId = await at.prove({ kind: "EnablePrincipal", principalId }, petra);
    return enablePrincipal(at.database, petra, { principalId, ...why, proofId });
  },
};

describe("whoever may manage people and nothing else", () => {
  it.each(Object.entries(againstUsers))("may do it to a user without power: %s", async (_, attack) => {
    const user = await makeUser(at.database, fresh("Nora Nobody "));
    expect(await attack(user.id)).toMatchObject({ ok: true });
  });

  it.each(Object.entries(againstGroups))("may do it to a group without power: %s", async (_, attack) => {
    const group = await makeGroup(at.database, [], fresh("Idle "));
    expect(await attack(group.id)).toMatchObject({ ok: true });
  });

  const of = (type: "User" | "Group") =>
    Object.entries(privilegeKinds).flatMap(([name, kind]) =>
      kind.types.includes(type) ? [{ name, kind }] : [],
    );

  it.each(of("User"))("may do nothing to a user who has $name", async ({ kind }) => {
    const { database } = at;
    for (const [how, attack] of Object.entries(againstUsers)) {
      const user = await makeUser(database, fresh("Pia Powerful "));
      const holder = kind.types.includes("Group")
        ? await makeGroup(database, [user.id], fresh("Outer "))
        : user;
      await kind.give(at, holder.id);
      expect(await attack(user.id), how).toMatchObject(refusedWith("AuthorizationFailed"));
    }
  });

  it.each(of("Group"))("may do nothing to a group that has $name, or to one within it", async ({ kind }) => {
    const { database } = at;
    for (const [how, attack] of Object.entries(againstGroups)) {
      const outer = await makeGroup(database, [], fresh("Outer "));
      const inner = await makeGroup(database, [], fresh("Inner "));
      await database.client.groupMember.create({ data: { groupId: outer.id, memberId: inner.id } });
      await kind.give(at, outer.id);
      for (const { id } of [outer, inner])
        expect(await attack(id), how).toMatchObject(refusedWith("AuthorizationFailed"));
      expect(
        await database.client.groupMember.count({ where: { memberId: petra.userId, groupId: outer.id } }),
      ).toBe(0);
    }
  });
});

describe("an import of people", () => {
  it("refuses the rows about whoever has power, and applies the others", async () => {
    const { database } = at;
    const [nobody, powerful] = [await makeUser(database, "Nobody"), await makeUser(database, "Powerful")];
    await privilegeKinds["a role that may be activated"]?.give(at, powerful.id);
    const rows = [powerful, nobody].map(({ email }) => ({
      displayName: fresh("Renamed "),
      userPrincipalName: email,
    }));
    const importId = await at.stage("Users", rows, { caller: petra });
    expect(await at.outcomes(importId)).toEqual(["Bad", "Change"]);
    await at.applyAll(importId, null, petra);
    const names = await database.client.principal.findMany({
      where: { id: { in: [nobody.id, powerful.id] } },
      orderBy: { displayName: "asc" },
    });
    expect(names.map(({ displayName }) => displayName)).toEqual(["Powerful", rows[1]?.displayName]);
  });
});
