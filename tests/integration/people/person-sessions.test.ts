import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashPassword } from "@/lib/identity/passwords/password";
import { createSession, isSessionGood } from "@/lib/identity/sessions/sessions";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { endPersonSessions } from "@/lib/operations/people/end-person-sessions";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { sessionsOfPerson } from "@/lib/queries/people/sessions";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { oneAfterTheOther } from "../../support/database/held-lock";
import { grant, makeGroup, makeRole, makeUser } from "../../support/factories";
import { privilegeKinds } from "../../support/privileges";
import { setRules } from "../../support/sign-in-rules";

const now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
let manager: Caller;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  manager = (await at.peopleManager()).caller;
});
afterAll(() => at.test.drop());

const origin = { ipAddress: "192.0.2.44", userAgent: "Firefox/140.0 Linux" };
const session = async (userId: string) =>
  (await inTransaction(at.database, (transaction) => createSession(transaction, userId, origin))).sessionId;
const end = (caller: Caller, principalId: string, sessionId: string | null = null) =>
  endPersonSessions(at.database, caller, { principalId, sessionId, justification: "Lost laptop" });
const seen = (caller: Caller, userId: string) => sessionsOfPerson(at.database, caller, userId);

describe("an administrator", () => {
  it("sees somebody's sessions, ends one and then all, and the person is notified", async () => {
    const user = await makeUser(at.database, "Lara Lost");
    const [one, two, three] = [await session(user.id), await session(user.id), await session(user.id)];
    expect(await seen(manager, user.id)).toHaveLength(3);
    expect((await seen(manager, user.id))?.[0]).toMatchObject({ ...origin, method: "Password" });

    expect(await end(manager, user.id, one)).toMatchObject({ ok: true, ended: 1 });
    expect(await isSessionGood(at.database, one)).toBe(false);
    expect(await isSessionGood(at.database, two)).toBe(true);
    expect(await end(manager, user.id, one)).toMatchObject(refusedWith("Conflict"));
    expect(await end(manager, user.id)).toMatchObject({ ok: true, ended: 2 });
    expect(await isSessionGood(at.database, three)).toBe(false);
    expect(await seen(manager, user.id)).toEqual([]);
    expect(await end(manager, user.id)).toMatchObject(refusedWith("Conflict"));
    expect(await at.eventsOf(user.id)).toEqual([
      "SessionsEndedByAdministrator Success",
      "SessionsEndedByAdministrator Failure",
      "SessionsEndedByAdministrator Success",
      "SessionsEndedByAdministrator Failure",
    ]);

    await deliverNotifications(at.database, { mail: true });
    const notices = await at.database.client.notification.findMany({ where: { recipientId: user.id } });
    expect(notices.map(({ title }) => title).sort()).toEqual([
      "An administrator ended a session of yours",
      "An administrator ended your sessions",
    ]);
    expect(notices.every(({ body }) => body.includes("Petra People"))).toBe(true);
    expect(await at.database.client.mailMessage.count({ where: { recipientId: user.id } })).toBe(2);
  });

  it("ends no session of another person by naming somebody else's, and none of their own here", async () => {
    const [user, other] = [await makeUser(at.database), await makeUser(at.database)];
    const theirs = await session(other.id);
    await session(user.id);
    expect(await end(manager, user.id, theirs)).toMatchObject(refusedWith("Conflict"));
    expect(await isSessionGood(at.database, theirs)).toBe(true);
    expect(await end(manager, manager.userId)).toMatchObject(refusedWith("Conflict"));
    expect(await seen(manager, manager.userId)).toBeNull();
    const group = await makeGroup(at.database, []);
    expect(await end(manager, group.id)).toMatchObject(refusedWith("NotFound"));
  });

  it("ends what was too long unused as well: longer rules do not open it again", async () => {
    const user = await makeUser(at.database);
    const [idle, used] = [await session(user.id), await session(user.id)];
    await at.test.asOwner("UPDATE sessions SET last_seen_at = $2 WHERE id = $1", [
      idle,
      new Date(now.getTime() - 3 * 3_600_000),
    ]);
    expect((await seen(manager, user.id))?.map(({ id }) => id)).toEqual([used]);
    expect(await end(manager, user.id)).toMatchObject({ ok: true, ended: 1 });
    await setRules(at.test, { idle_minutes: 600 });
    expect(await isSessionGood(at.database, idle)).toBe(false);
    await setRules(at.test, { idle_minutes: 120 });
  });

  it.each(Object.entries(privilegeKinds))("of people only sees no session of who has %s", async (_, kind) => {
    const user = await makeUser(at.database);
    await session(user.id);
    const holder = kind.types.includes("User") ? user : await makeGroup(at.database, [user.id]);
    await kind.give(at, holder.id);
    expect(await seen(manager, user.id)).toBeNull();
    expect(await seen(at.owner, user.id)).not.toHaveLength(0);
  });
});

it("shows and ends nothing for whoever may only read people", async () => {
  const reader = await at.person("Rita Reader");
  const role = await makeRole(at.database, "Reader", { actions: ["*/read"] });
  await grant(at.database, "active", reader.userId, role.id, at.tree.root.id);
  const user = await makeUser(at.database);
  const theirs = await session(user.id);
  expect(await seen(reader, user.id)).toBeNull();
  expect(await end(reader, user.id)).toMatchObject(refusedWith("AuthorizationFailed"));
  expect(await isSessionGood(at.database, theirs)).toBe(true);
});

it("ends a session that begins at the same moment", async () => {
  const user = await makeUser(at.database);
  await session(user.id);
  const password = "correct-horse-battery-staple-9";
  const hash = await hashPassword(password, "test");
  await at.database.client.passwordCredential.create({ data: { userId: user.id, hash } });
  const secrets = ["a-session-secret-of-at-least-thirty-two-characters"] as const;
  const [signedIn, ended] = await oneAfterTheOther(
    at.test,
    () => signIn(at.database, secrets, { email: user.email ?? "", password }, origin),
    () => end(manager, user.id),
  );
  expect([signedIn.ok, ended]).toMatchObject([true, { ok: true, ended: 2 }]);
  if (signedIn.ok) expect(await isSessionGood(at.database, signedIn.token.sessionId)).toBe(false);
});
