import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { databaseNow } from "@/lib/platform/transaction";
import { type Administration, makeAdministration } from "../../support/administration";
import { entraUser, makeDirectory, patchOf } from "../../support/directories";
import { grant, makeActivation, makeCaller, pastTheRules } from "../../support/factories";

let at: Administration;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
beforeAll(async () => {
  at = await makeAdministration();
  directory = await makeDirectory(at, "Contoso Entra");
});
afterAll(() => at.test.drop());

const principal = (id: string) => at.database.client.principal.findUniqueOrThrow({ where: { id } });
async function created(parts: Record<string, unknown> = {}) {
  const answer = await directory.scim("POST", "/Users", entraUser(parts));
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

describe("Entra ID's requests about users", () => {
  it("find nobody as an empty list, create somebody, and find them", async () => {
    const user = entraUser();
    const filter = (name: string, value: string) =>
      `/Users?filter=${encodeURIComponent(`${name} eq "${value}"`)}`;
    const nobody = await directory.scim("GET", filter("externalId", user.externalId));
    expect(nobody).toMatchObject({ status: 200, body: { totalResults: 0, Resources: [], startIndex: 1 } });
    const made = await directory.scim("POST", "/Users", user);
    expect(made.status).toBe(201);
    expect(made.headers.get("content-type")).toContain("application/scim+json");
    expect(made.headers.get("location")).toBe(made.body.meta.location);
    expect(made.body).toMatchObject({
      ...{
        userName: user.userName,
        externalId: user.externalId,
        active: true,
        displayName: user.name.formatted,
      },
      ...{ name: user.name, meta: { resourceType: "User", version: 'W/"0"' } },
    });
    for (const [name, value] of [
      ["externalId", user.externalId],
      ["userName", user.userName.toUpperCase()],
      ["USERNAME", user.userName],
    ] as const) {
      const found = await directory.scim("GET", filter(name, value));
      expect(found.body, name).toMatchObject({ totalResults: 1, Resources: [{ id: made.body.id }] });
    }
    expect((await directory.scim("GET", `/users/${made.body.id.toUpperCase()}`)).body).toEqual(made.body);
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { targetId: made.body.id },
    });
    expect(event).toMatchObject({
      ...{ kind: "PrincipalCreated", outcome: "Success", actorId: null, ipAddress: "198.51.100.7" },
      ...{ actorName: "Contoso Entra (directory)", details: { directoryId: directory.id } },
    });
    expect((await directory.scim("POST", "/Users", user)).body).toMatchObject({
      status: "409",
      scimType: "uniqueness",
    });
  });

  it("say when somebody last changed, and find who changed since", async () => {
    const [changed, other] = [await created(), await created()];
    expect(changed.meta.lastModified).toBe(changed.meta.created);
    const rename = patchOf({ op: "replace", path: "displayName", value: "Ada Later" });
    const { meta } = (await directory.scim("PATCH", `/Users/${changed.id}`, rename)).body;
    expect(Date.parse(meta.lastModified)).toBeGreaterThan(Date.parse(meta.created));
    await directory.scim("PATCH", `/Users/${changed.id}`, rename);
    const again = (await directory.scim("GET", `/Users/${changed.id}`)).body;
    expect(again.meta, "nothing changed, so it is no change").toEqual(meta);
    const since = encodeURIComponent(`meta.lastModified gt "${other.meta.lastModified}"`);
    const found = (await directory.scim("GET", `/Users?filter=${since}&sortBy=meta.lastModified`)).body;
    expect(found.Resources.map(({ id }: { id: string }) => id)).toEqual([changed.id]);
  });

  it("change names by paths and without one, and leave what Postern does not keep", async () => {
    const { id } = await created();
    const changed = await directory.scim(
      "PATCH",
      `/Users/${id}`,
      patchOf(
        { op: "Replace", path: "name.familyName", value: "Updated" },
        { op: "Add", path: "displayName", value: "Ada Updated" },
        { op: "Replace", path: 'emails[type eq "work"].value', value: "elsewhere@contoso.example" },
        {
          op: "Add",
          path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
          value: { value: randomUUID() },
        },
      ),
    );
    expect(changed).toMatchObject({
      status: 200,
      body: { displayName: "Ada Updated", name: { familyName: "Updated" }, meta: { version: 'W/"1"' } },
    });
    const several = await directory.scim(
      "PATCH",
      `/Users/${id}`,
      patchOf({
        op: "replace",
        value: {
          displayName: "Ada Again",
          "name.givenName": "Augusta",
          userName: `ada.${id}@contoso.example`,
        },
      }),
    );
    expect(several.body).toMatchObject({
      ...{ displayName: "Ada Again", userName: `ada.${id}@contoso.example` },
      name: { givenName: "Augusta", familyName: "Updated" },
    });
    expect(await principal(id)).toMatchObject({
      displayName: "Ada Again",
      email: `ada.${id}@contoso.example`,
    });
  });

  it("take the enterprise extension in every form that Entra ID and Okta send, without any effect", async () => {
    const extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    const manager = await created();
    const values = {
      ...{ department: "Sales", employeeNumber: "701984", costCenter: "4130", division: "West" },
      ...{ organization: "Contoso", manager: { value: manager.id, $ref: `../Users/${manager.id}` } },
    };
    const user = entraUser({ [extension]: values });
    const { body, status } = await directory.scim("POST", "/Users", user);
    expect(status).toBe(201);
    expect(JSON.stringify(body)).not.toMatch(/enterprise|Sales/);
    const before = await principal(body.id);
    const patches = [
      ...Object.entries(values).map(([name, value]) => ({ op: "Add", path: `${extension}:${name}`, value })),
      // Entra ID also sends a manager as a text, and removes emptied attributes.
      { op: "Replace", path: `${extension}:manager`, value: manager.id },
      { op: "Add", path: `${extension}:manager.value`, value: manager.id },
      { op: "Remove", path: `${extension}:department` },
      { op: "Remove", path: `${extension}:manager` },
      // Okta leaves the path out, with the extension as one object or as paths.
      { op: "replace", value: { [extension]: values } },
      {
        op: "replace",
        value: { [`${extension}:department`]: "Sales", [`${extension}:manager`]: values.manager },
      },
      { op: "replace", path: extension, value: values },
    ];
    for (const operation of patches) {
      const answer = await directory.scim("PATCH", `/Users/${body.id}`, patchOf(operation));
      expect(answer.status, JSON.stringify(operation)).toBe(200);
    }
    const whole = { ...user, [extension]: { ...values, department: null, manager: null } };
    expect((await directory.scim("PUT", `/Users/${body.id}`, whole)).status).toBe(200);
    expect(await principal(body.id), "no version more").toEqual(before);
    // The rest of the request counts.
    const mixed = { op: "Add", value: { displayName: "Ada Moved", [`${extension}:department`]: "West" } };
    expect((await directory.scim("PATCH", `/Users/${body.id}`, patchOf(mixed))).body).toMatchObject({
      displayName: "Ada Moved",
    });
    expect(await principal(body.id)).toMatchObject({ displayName: "Ada Moved", managerId: null });
  });

  it.each([
    ["as a text", patchOf({ op: "Replace", path: "active", value: "False" })],
    ["without a path", patchOf({ op: "replace", value: { active: false } })],
    ["in a list", patchOf({ op: "Replace", path: "active", value: [{ $ref: null, value: "False" }] })],
  ])("disable by active %s, which ends everything at once, and nothing comes back", async (_, body) => {
    const user = await created();
    const caller = await makeCaller(at.database, await principal(user.id));
    const role = await at.protectedRole();
    const { subscription } = at.tree;
    const eligibility = await grant(at.database, "eligible", user.id, role.id, subscription.id);
    const activation = await pastTheRules(at.database, async (transaction) =>
      makeActivation(transaction, eligibility, await databaseNow(transaction), 60),
    );
    const now = new Date();
    const waiting = await pastTheRules(at.database, (transaction) =>
      transaction.request.create({
        data: {
          ...{
            requestType: "SelfActivate",
            status: "PendingApproval",
            principalId: user.id,
            requestorId: user.id,
          },
          ...{ roleDefinitionId: role.id, resourceId: at.tree.group.id, eligibilityId: eligibility.id },
          ...{ durationMinutes: 60, startsAt: now, justification: "Work" },
        },
      }),
    );
    const answer = await directory.scim("PATCH", `/Users/${user.id}`, body);
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200, body: { active: false } });
    const session = await at.database.client.session.findUniqueOrThrow({ where: { id: caller.sessionId } });
    expect(session.endedAt).not.toBeNull();
    const ended = await at.database.client.assignment.findUniqueOrThrow({ where: { id: activation.id } });
    expect(ended.removedAt).not.toBeNull();
    expect((await at.database.client.request.findUniqueOrThrow({ where: { id: waiting.id } })).status).toBe(
      "Revoked",
    );
    const back = await directory.scim(
      "PATCH",
      `/Users/${user.id}`,
      patchOf({ op: "Replace", path: "active", value: "True" }),
    );
    expect(back).toMatchObject({ status: 200, body: { active: true } });
    expect(
      (await at.database.client.assignment.findUniqueOrThrow({ where: { id: activation.id } })).removedAt,
    ).not.toBeNull();
    expect(
      (await at.database.client.session.findUniqueOrThrow({ where: { id: caller.sessionId } })).endedAt,
    ).not.toBeNull();
  });

  it("delete: disabled and let go of, never gone", async () => {
    const { id } = await created();
    expect((await directory.scim("DELETE", `/Users/${id}`)).status).toBe(204);
    expect(await principal(id)).toMatchObject({ directoryId: null });
    expect((await principal(id)).disabledAt).not.toBeNull();
    expect((await directory.scim("GET", `/Users/${id}`)).status).toBe(404);
    expect((await directory.scim("DELETE", `/Users/${id}`)).status).toBe(404);
  });
});

describe("Okta's requests about users", () => {
  it("create, replace in full and deactivate by PUT, with the id in the body", async () => {
    const userName = `okta.${randomUUID().slice(0, 8)}@contoso.example`;
    const okta = {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName,
      name: { givenName: "Test", familyName: "User" },
      emails: [{ primary: true, value: userName, type: "work" }],
      displayName: "Test User",
      locale: "en-US",
      externalId: `00u${randomUUID().slice(0, 8)}`,
      groups: [],
      password: "1mz050nq",
      active: true,
    };
    const { body: made, status } = await directory.scim("POST", "/Users", okta);
    expect(status).toBe(201);
    expect(JSON.stringify(made)).not.toContain(okta.password);
    const put = await directory.scim("PUT", `/Users/${made.id}`, {
      ...{ ...okta, id: made.id, meta: made.meta, active: false },
      name: { givenName: "Another", familyName: "User" },
    });
    expect(put).toMatchObject({ status: 200, body: { active: false, name: { givenName: "Another" } } });
    const off = await directory.scim(
      "PATCH",
      `/Users/${made.id}`,
      patchOf({ op: "replace", value: { active: true } }),
    );
    expect(off.body).toMatchObject({ active: true });
  });
});

describe("whom a directory may change", () => {
  it("does not take somebody over by an address, and says so until an administrator decides", async () => {
    const known = await at.person("Katja Known");
    const answer = await directory.scim("POST", "/Users", entraUser({ userName: known.email }));
    expect(answer).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
    expect(JSON.stringify(answer.body)).not.toContain("Katja");
    expect(await principal(known.userId)).toMatchObject({ directoryId: null });
    const drift = await at.database.client.directoryDrift.findMany({ where: { principalId: known.userId } });
    expect(drift).toMatchObject([{ kind: "NameTaken" }]);
  });

  it("takes over by an external id that is set already, but nobody whose access takes a code", async () => {
    const known = await at.person("Kim Known");
    const externalId = `hr-${known.userId}`;
    await at.database.client.principal.update({ where: { id: known.userId }, data: { externalId } });
    const role = await at.protectedRole();
    await grant(at.database, "active", known.userId, role.id, at.tree.subscription.id);
    const user = entraUser({ userName: known.email, externalId });
    expect((await directory.scim("POST", "/Users", user)).status).toBe(409);
    expect(
      await at.database.client.directoryDrift.findFirst({ where: { principalId: known.userId } }),
    ).toMatchObject({
      kind: "TakeOver",
    });
    await at.test.asOwner(
      "UPDATE assignments SET ends_at = starts_at, removed_at = starts_at WHERE principal_id = $1",
      [known.userId],
    );
    const taken = await directory.scim("POST", "/Users", user);
    expect(taken, JSON.stringify(taken.body)).toMatchObject({ status: 201, body: { id: known.userId } });
  });

  it("sees and changes nobody of another directory", async () => {
    const other = await makeDirectory(at);
    const { id, externalId } = await created();
    for (const [method, body] of [
      ["GET", undefined],
      ["PUT", entraUser()],
      ["PATCH", patchOf({ op: "replace", path: "active", value: false })],
      ["DELETE", undefined],
    ] as const)
      expect((await other.scim(method, `/Users/${id}`, body)).status, method).toBe(404);
    const filter = encodeURIComponent(`externalId eq "${externalId}"`);
    expect((await other.scim("GET", `/Users?filter=${filter}`)).body.totalResults).toBe(0);
    expect((await other.scim("POST", "/Users", entraUser({ externalId }))).status).toBe(409);
    expect((await principal(id)).disabledAt).toBeNull();
  });

  it("does not disable the last Owner, and notifies administrators", async () => {
    await at.test.asOwner("UPDATE principals SET directory_id = $1 WHERE id = $2", [
      directory.id,
      at.owner.userId,
    ]);
    for (const [method, body] of [
      ["PATCH", patchOf({ op: "replace", path: "active", value: false })],
      ["DELETE", undefined],
    ] as const) {
      const answer = await directory.scim(method, `/Users/${at.owner.userId}`, body);
      expect(answer.status, method).toBe(403);
      expect(answer.body.detail).toContain("last permanent active Owner");
    }
    expect(await principal(at.owner.userId)).toMatchObject({ disabledAt: null, directoryId: directory.id });
    expect(await at.database.client.directoryDrift.count({ where: { kind: "LastOwner" } })).toBe(1);
    expect(
      await at.database.client.auditEvent.count({
        where: { kind: "DirectoryRefused", details: { path: ["directoryId"], equals: directory.id } },
      }),
    ).toBe(1);
    await at.test.asOwner("UPDATE principals SET directory_id = NULL WHERE id = $1", [at.owner.userId]);
  });

  it("does not enable somebody whose access takes a code, nor move the address of one who signs in here", async () => {
    const user = await created();
    const role = await at.protectedRole();
    await grant(at.database, "active", user.id, role.id, at.tree.subscription.id);
    const set = (path: string, value: unknown) =>
      directory.scim("PATCH", `/Users/${user.id}`, patchOf({ op: "replace", path, value }));
    expect((await set("active", false)).status).toBe(200);
    const refused = await set("active", true);
    expect(refused.status).toBe(403);
    expect(refused.body.detail).toContain("administrator's code");
    expect((await principal(user.id)).disabledAt).not.toBeNull();
    const wanted = `moved.${user.id}@contoso.example`;
    expect((await set("userName", wanted)).status).toBe(200);
    await at.test.asOwner("INSERT INTO password_credentials (user_id, hash) VALUES ($1, 'x')", [user.id]);
    expect((await set("userName", `thief.${user.id}@evil.example`)).status).toBe(403);
    expect((await principal(user.id)).email).toBe(wanted);
    expect((await set("displayName", "Still Renamed")).status).toBe(200);
  });

  it.each([
    [
      "a link to an identity provider",
      "INSERT INTO identity_links (principal_id, issuer, subject) VALUES ($1::uuid, 'https://id.example', $1::uuid::text)",
    ],
    [
      "a link that an administrator issued",
      "INSERT INTO identity_link_passes (principal_id, issuer, token_hash, created_by_id, expires_at) VALUES ($1::uuid, 'https://id.example', sha256($1::uuid::text::bytea), $1::uuid, postern_now() + interval '1 day')",
    ],
    [
      "an invitation that waits",
      "INSERT INTO password_tickets (user_id, token_hash, purpose, expires_at) VALUES ($1::uuid, sha256($1::uuid::text::bytea), 'Invitation', postern_now() + interval '1 day')",
    ],
    [
      "a one-time pass that waits",
      "INSERT INTO factor_passes (user_id, pass_hash, expires_at) VALUES ($1::uuid, sha256($1::uuid::text::bytea), postern_now() + interval '1 day')",
    ],
    [
      "an authenticator app",
      "INSERT INTO totp_factors (user_id, key_id, nonce, ciphertext, confirmed_at) VALUES ($1::uuid, 'k1', repeat('x', 12)::bytea, repeat('x', 40)::bytea, postern_now())",
    ],
  ])(
    "moves no address of somebody with %s, also while its token has taken them out of everything",
    async (_what, sql) => {
      const user = await created();
      await at.test.asOwner(sql, [user.id]);
      const { email } = await principal(user.id);
      const wanted = `thief.${user.id}@evil.example`;
      const asked = await directory.scim(
        "PATCH",
        `/Users/${user.id}`,
        patchOf({ op: "replace", path: "userName", value: wanted }),
      );
      expect(asked.status).toBe(403);
      expect(asked.body.detail).toContain("an administrator has to confirm the new address");
      expect((await principal(user.id)).email).toBe(email);
      expect(
        await at.database.client.directoryDrift.count({ where: { principalId: user.id, kind: "Address" } }),
      ).toBe(1);
    },
  );
});
