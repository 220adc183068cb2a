import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { revokeDirectoryToken } from "@/lib/operations/directories/revoke-directory-token";
import { type Administration, makeAdministration } from "../../support/administration";
import { allBehind, atOnce, holdLock, oneAfterTheOther } from "../../support/database/held-lock";
import { entraUser, makeDirectory, patchOf } from "../../support/directories";
import { grant, makeCaller } from "../../support/factories";

let at: Administration;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
beforeAll(async () => {
  at = await makeAdministration();
  directory = await makeDirectory(at);
});
afterAll(() => at.test.drop());

/** A user of the directory who is about to activate a role that requires no code. */
async function activating() {
  const { id } = (await directory.scim("POST", "/Users", entraUser())).body;
  const role = await at.protectedRole({ activationRequiresMfa: false });
  const eligibility = await grant(at.database, "eligible", id, role.id, at.tree.subscription.id);
  const found = await at.database.client.principal.findUniqueOrThrow({ where: { id } });
  const caller = await makeCaller(at.database, found);
  return {
    id,
    disable: () =>
      directory.scim("PATCH", `/Users/${id}`, patchOf({ op: "Replace", path: "active", value: "False" })),
    activate: () =>
      activateRole(at.database, caller, {
        ...{ eligibilityId: eligibility.id, resourceId: at.tree.subscription.id, startsAt: null },
        ...{
          durationMinutes: 60,
          justification: "Work",
          ticketNumber: null,
          ticketSystem: null,
          proofId: null,
        },
      }),
    running: () => at.database.client.assignment.count({ where: { principalId: id, removedAt: null } }),
  };
}

describe("a directory disables somebody who activates at the same moment", () => {
  it.each(["first", "second"] as const)("and nothing runs on, whichever is %s", async (leading) => {
    const person = await activating();
    const [disabled, activated] = await oneAfterTheOther(at.test, person.disable, person.activate, leading);
    expect(disabled.status, JSON.stringify(disabled.body)).toBe(200);
    expect(activated.ok).toBe(leading === "second");
    expect(await person.running()).toBe(0);
  });
});

it("whose token is revoked while it waits changes nothing", async () => {
  const own = await makeDirectory(at);
  const { id } = (await own.scim("POST", "/Users", entraUser())).body;
  const lock = await holdLock(at.test, "SELECT FROM principals WHERE id = $1 FOR UPDATE", [id]);
  const waiting = own.scim("PATCH", `/Users/${id}`, patchOf({ op: "replace", path: "active", value: false }));
  waiting.catch(() => {});
  await lock.waitedFor();
  expect(await revokeDirectoryToken(at.database, at.owner, { directoryId: own.id })).toMatchObject({
    ok: true,
  });
  await lock.release();
  expect((await waiting).status).toBe(403);
  const person = await at.database.client.principal.findUniqueOrThrow({ where: { id } });
  expect(person.disabledAt).toBeNull();
});

it("which creates one user twice at once creates one", async () => {
  const user = entraUser();
  const create = () => directory.scim("POST", "/Users", user);
  const answers = await atOnce(at.test, [create, create]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect(await at.database.client.principal.count({ where: { email: user.userName } })).toBe(1);
});

it("adds and removes the same members at once without a deadlock", async () => {
  const [one, two] = [
    (await directory.scim("POST", "/Users", entraUser())).body.id,
    (await directory.scim("POST", "/Users", entraUser())).body.id,
  ];
  const made = await directory.scim("POST", "/Groups", {
    ...{ displayName: `Both ${one}`, members: [{ value: one }, { value: two }] },
  });
  const path = `/Groups/${made.body.id}`;
  const lock = await holdLock(at.test, "SELECT FROM principals WHERE id = $1 FOR UPDATE", [made.body.id]);
  const answers = await allBehind(lock, [
    () => directory.scim("PATCH", path, patchOf({ op: "remove", path: `members[value eq "${one}"]` })),
    () => directory.scim("PUT", path, { displayName: `Both ${one}`, members: [{ value: two }] }),
    () => directory.scim("PATCH", path, patchOf({ op: "add", path: "members", value: [{ value: one }] })),
  ]);
  for (const { status } of answers) expect([200, 204]).toContain(status);
});
