import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDirectoryToken } from "@/lib/identity/directories/directory-token";
import { endDirectory } from "@/lib/operations/directories/end-directory";
import {
  handOverPrincipal,
  handOverPrincipalOperation,
} from "@/lib/operations/directories/hand-over-principal";
import {
  replaceDirectoryToken,
  replaceDirectoryTokenOperation,
} from "@/lib/operations/directories/replace-directory-token";
import { revokeDirectoryToken } from "@/lib/operations/directories/revoke-directory-token";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import type { Caller } from "@/lib/platform/caller";
import { directoriesFor } from "@/lib/queries/directories/directories";
import { refusedBy, refusedWith } from "../../support/administration";
import { entraUser, makeDirectory, patchOf, scimOf } from "../../support/directories";
import { editPrincipal } from "../../support/edit-principal";
import { grant, makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";

let at: Awaited<ReturnType<typeof makeImports>>;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
beforeAll(async () => {
  at = await makeImports();
  directory = await makeDirectory(at, "Contoso Entra");
});
afterAll(() => at.test.drop());

const because = { justification: "As agreed" };
async function user(parts: Record<string, unknown> = {}) {
  const { id } = (await directory.scim("POST", "/Users", entraUser(parts))).body;
  return at.database.client.principal.findUniqueOrThrow({ where: { id } });
}
async function handOver(principalId: string, directoryId: string | null, caller: Caller = at.owner) {
  const proofId = await at.prove(handOverPrincipalOperation({ principalId, directoryId }), caller);
  return handOverPrincipal(at.database, caller, { principalId, directoryId, proofId });
}
const edit = ({ id }: { id: string }, change: object) => editPrincipal(at, id, change);

describe("what a directory owns", () => {
  it("is not edited by hand: names, whether it is enabled, members", async () => {
    const [person, other] = [await user(), await makeUser(at.database)];
    const made = await directory.scim("POST", "/Groups", {
      ...{ displayName: `Team ${randomUUID()}`, members: [{ value: person.id }] },
    });
    const groupId = made.body.id;
    const attempts = {
      name: await edit(person, { displayName: "By hand" }),
      address: await edit(person, { email: "by.hand@contoso.example" }),
      disabled: await disablePrincipal(at.database, at.owner, { principalId: person.id, ...because }),
      joined: await addGroupMembers(at.database, at.owner, {
        groupId,
        memberIds: [other.id],
        proofId: null,
        ...because,
      }),
      left: await removeGroupMember(at.database, at.owner, { groupId, memberId: person.id, ...because }),
    };
    for (const [name, result] of Object.entries(attempts)) {
      expect(result, name).toMatchObject(refusedWith("Conflict"));
      expect(JSON.stringify(result), name).toContain("belongs to the directory");
    }
    await directory.scim(
      "PATCH",
      `/Users/${person.id}`,
      patchOf({ op: "replace", path: "active", value: false }),
    );
    const enabling = { principalId: person.id, proofId: null, ...because };
    expect(await enablePrincipal(at.database, at.owner, enabling)).toMatchObject(refusedWith("Conflict"));
  });

  it("is not changed by an import, which says why", async () => {
    const person = await user();
    const rows = [{ displayName: "By import", userPrincipalName: person.email, id: person.externalId }];
    const importId = await at.stage("Users", JSON.stringify(rows));
    expect((await at.rowsOf(importId)).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["Bad", expect.stringContaining("belongs to the directory")],
    ]);
    const groupName = `Imported ${randomUUID()}`;
    const externalId = randomUUID();
    await directory.scim("POST", "/Groups", { displayName: groupName, externalId });
    const other = await makeUser(at.database);
    const members = await at.stage("GroupMembers", `group,member\n${groupName},${other.email}\n`);
    expect((await at.rowsOf(members)).map(({ outcome }) => outcome)).toEqual(["Bad"]);
  });

  it("is given and taken back by administrators with authority over all that it has, with a code", async () => {
    const known = await at.person("Katja Known");
    const role = await at.protectedRole();
    await grant(at.database, "active", known.userId, role.id, at.tree.subscription.id);
    const petra = await at.peopleManager();
    expect(await handOver(known.userId, directory.id, petra.caller)).toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    const input = { principalId: known.userId, directoryId: directory.id, proofId: null };
    expect(await handOverPrincipal(at.database, at.owner, input)).toMatchObject(refusedBy("MfaRule"));
    expect(await handOver(at.owner.userId, directory.id)).toMatchObject(refusedWith("Conflict"));
    await directory.scim("POST", "/Users", entraUser({ userName: known.email }));
    expect(await handOver(known.userId, directory.id)).toMatchObject({ ok: true });
    expect(await at.database.client.directoryDrift.count({ where: { principalId: known.userId } })).toBe(0);
    expect((await directory.scim("GET", `/Users/${known.userId}`)).body.userName).toBe(known.email);
    expect(await handOver(known.userId, null)).toMatchObject({ ok: true });
    expect((await directory.scim("GET", `/Users/${known.userId}`)).status).toBe(404);
    expect(await at.eventsOf(known.userId)).toContain("PrincipalHandedOver Success");
  });

  it("takes exactly the address that was refused to its directory, by an administrator", async () => {
    const person = await user();
    const role = await at.protectedRole();
    await grant(at.database, "eligible", person.id, role.id, at.tree.subscription.id);
    await at.test.asOwner("INSERT INTO password_credentials (user_id, hash) VALUES ($1, 'x')", [person.id]);
    const wanted = `new.${person.id}@contoso.example`;
    const asks = () =>
      directory.scim(
        "PATCH",
        `/Users/${person.id}`,
        patchOf({ op: "replace", path: "userName", value: wanted }),
      );
    expect((await asks()).status).toBe(403);
    expect(await edit(person, { email: `other.${person.id}@contoso.example` })).toMatchObject(
      refusedWith("Conflict"),
    );
    expect(await edit(person, { email: wanted, displayName: "And more" })).toMatchObject(
      refusedWith("Conflict"),
    );
    expect(await edit(person, { email: wanted })).toMatchObject({ ok: true });
    expect((await asks()).status).toBe(200);
    expect(await at.database.client.directoryDrift.count({ where: { principalId: person.id } })).toBe(0);
  });

  it("is edited by hand again once the directory is removed", async () => {
    const ending = await makeDirectory(at);
    const { id } = (await ending.scim("POST", "/Users", entraUser())).body;
    expect(await endDirectory(at.database, at.owner, { directoryId: ending.id })).toMatchObject({ ok: true });
    expect((await ending.scim("GET", "/Users")).status).toBe(401);
    const person = await at.database.client.principal.findUniqueOrThrow({ where: { id } });
    expect(await edit(person, { displayName: "By hand" })).toMatchObject({ ok: true });
  });
});

describe("a token", () => {
  it("is stored hashed, replaced at once, revoked at once, and ends by time", async () => {
    const own = await makeDirectory(at);
    const stored = await at.database.client.directory.findUniqueOrThrow({ where: { id: own.id } });
    expect(JSON.stringify(stored)).not.toContain(own.token);
    expect(own.token).toMatch(/^pst_[\w-]{43}$/);
    const { token, tokenHash } = makeDirectoryToken();
    const input = { directoryId: own.id, token: { tokenHash, days: 90 } };
    const proofId = await at.prove(replaceDirectoryTokenOperation(input));
    expect(await replaceDirectoryToken(at.database, at.owner, { ...input, proofId })).toMatchObject({
      ok: true,
    });
    expect((await own.scim("GET", "/Users")).status).toBe(401);
    const scim = scimOf(at.database, token);
    expect((await scim("GET", "/Users")).status).toBe(200);
    await at.test.asOwner(
      "UPDATE directories SET token_expires_at = now() - interval '1 minute' WHERE id = $1",
      [own.id],
    );
    expect((await scim("GET", "/Users")).status).toBe(401);
    await at.test.asOwner(
      "UPDATE directories SET token_expires_at = now() + interval '1 day' WHERE id = $1",
      [own.id],
    );
    expect(await revokeDirectoryToken(at.database, at.owner, { directoryId: own.id })).toMatchObject({
      ok: true,
    });
    expect((await scim("GET", "/Users")).status).toBe(401);
  });

  it("is guessed at slowly, and a right one is answered meanwhile", async () => {
    const network = "203.0.113.9";
    const statuses: number[] = [];
    for (let tries = 0; tries < 24; tries += 1)
      statuses.push(
        (await directory.scim("GET", "/Users", undefined, { token: `pst_${tries}`, network })).status,
      );
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect((await directory.scim("GET", "/Users", undefined, { network })).status).toBe(200);
    const events = await at.database.client.auditEvent.count({
      where: { kind: "DirectoryTokenRefused", ipAddress: network },
    });
    expect(events).toBeGreaterThan(20);
  });

  it("is the only way in: no cookie, no token in the address or as a password", async () => {
    const ways: readonly Record<string, string>[] = [
      {},
      { cookie: `postern-session=${directory.token}` },
      { authorization: `Basic ${Buffer.from(`:${directory.token}`).toString("base64")}` },
    ];
    for (const headers of ways)
      expect(
        (
          await directory.scim("GET", `/Users?access_token=${directory.token}`, undefined, {
            token: null,
            headers,
          })
        ).status,
      ).toBe(401);
  });

  it("is managed by whoever may manage people and settings at the root alone", async () => {
    const { caller } = await at.peopleManager();
    expect(await directoriesFor(at.database, caller)).toBeNull();
    expect(await revokeDirectoryToken(at.database, caller, { directoryId: directory.id })).toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    const shown = await directoriesFor(at.database, at.owner);
    expect(shown?.find(({ id }) => id === directory.id)).toMatchObject({ name: "Contoso Entra" });
    for (const [left, state] of [
      ["15 days", { tokenExpired: false, tokenEndsSoon: false }],
      ["13 days", { tokenExpired: false, tokenEndsSoon: true }],
      ["-1 minute", { tokenExpired: true, tokenEndsSoon: true }],
    ] as const) {
      await at.test.asOwner(
        "UPDATE directories SET token_expires_at = postern_now() + $2::interval WHERE id = $1",
        [directory.id, left],
      );
      const found = await directoriesFor(at.database, at.owner);
      expect(
        found?.find(({ id }) => id === directory.id),
        left,
      ).toMatchObject(state);
    }
    expect(JSON.stringify(shown)).not.toContain("token_hash");
  });
});
