import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/schedule";
import { changePassword } from "@/lib/identity/change-password";
import { hashPassword } from "@/lib/identity/password";
import { findCaller } from "@/lib/identity/sessions";
import { setUpFirstOwner } from "@/lib/identity/set-up";
import { signIn } from "@/lib/identity/sign-in";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makeOwnerRole, makeTree, makeUser } from "../support/factories";

const secret = "a secret of the test's own, long enough";
const password = "old grey walls of slate";
const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let hash: string;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  hash = await hashPassword(password);
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

let addresses = 0;
const somewhere = () => {
  addresses += 1;
  return { ipAddress: `192.0.2.${addresses}`, userAgent: "test" };
};

async function arrange() {
  const user = await makeUser(test.database);
  await test.database.client.passwordCredential.create({ data: { userId: user.id, hash } });
  const email = user.email ?? "";
  const attempt = (typed: string, origin = somewhere()) =>
    signIn(test.database, secret, { email, password: typed }, origin);
  const signedIn = async () => {
    const origin = somewhere();
    const result = await attempt(password, origin);
    if (!result.ok) throw new Error("not signed in");
    const caller = await findCaller(test.database, result.token, origin);
    if (!caller) throw new Error("no session");
    return { token: result.token, caller, origin };
  };
  return { user, email, attempt, signedIn };
}
const refusals = (email: string) =>
  test.database.client.auditEvent.findMany({
    where: { kind: "SignInFailed", details: { path: ["email"], equals: email } },
  });

describe("guesses at a password", () => {
  it("are let through five at the most, however many come at once, and then even the right one waits", async () => {
    const { email, attempt } = await arrange();
    await Promise.all(Array.from({ length: 20 }, () => attempt("wrong")));
    const events = await refusals(email);
    expect(events).toHaveLength(20);
    const throttled = events.filter(
      ({ details }) => typeof details === "object" && details && "throttled" in details && details.throttled,
    );
    expect(throttled).toHaveLength(15);
    expect(await attempt(password)).toMatchObject({ ok: false });
    now = addMinutes(now, 1);
    expect(await attempt(password)).toMatchObject({ ok: true });
    expect(await attempt("wrong")).toMatchObject({ ok: false });
    expect(await attempt(password)).toMatchObject({ ok: true });
  });

  it("wait longer each time, a quarter of an hour at the most, and start afresh after an hour of quiet", async () => {
    const { attempt } = await arrange();
    for (let tries = 0; tries < 25; tries += 1) {
      await attempt("wrong");
      now = addMinutes(now, 15);
    }
    now = addMinutes(now, -1);
    expect(await attempt(password)).toMatchObject({ ok: false });
    now = addMinutes(now, 61);
    expect(await attempt(password)).toMatchObject({ ok: true });
  });

  it("are counted for the address too, over all accounts", async () => {
    const origin = somewhere();
    for (let tries = 0; tries < 21; tries += 1) {
      await signIn(test.database, secret, { email: `${tries}@nowhere.example`, password: "wrong" }, origin);
    }
    const { attempt } = await arrange();
    expect(await attempt(password, origin)).toMatchObject({ ok: false });
    expect(await attempt(password)).toMatchObject({ ok: true });
  });

  it("are answered and slowed alike whether the account exists, is disabled or has no password", async () => {
    const known = await arrange();
    const disabled = await arrange();
    await test.database.client.principal.update({
      where: { id: disabled.user.id },
      data: { disabledAt: now },
    });
    const bare = await makeUser(test.database);
    const emails = [known.email, disabled.email, bare.email ?? "", `${randomUUID()}@contoso.example`];
    const answers = await Promise.all(
      emails.map(async (email) => {
        const results = [];
        for (let tries = 0; tries < 8; tries += 1) {
          const credentials = { email, password: email === known.email ? "wrong" : password };
          results.push(await signIn(test.database, secret, credentials, somewhere()));
        }
        const throttled = (await refusals(email)).map(({ details }) =>
          JSON.stringify(details).includes("true"),
        );
        return { results, throttled: throttled.filter(Boolean).length };
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it("do not fill the table for ever", async () => {
    const { attempt } = await arrange();
    await signIn(test.database, secret, { email: "made-up@nowhere.example", password: "wrong" }, somewhere());
    const before = await test.database.client.signInThrottle.count();
    now = addMinutes(now, 300);
    await attempt(password);
    await attempt(password);
    expect(await test.database.client.signInThrottle.count()).toBeLessThan(before);
  });
});

describe("a change of password", () => {
  const newPassword = "seven brown loaves of bread";

  it("asks for the old one, ends the other sessions, renews this one, and is logged", async () => {
    const { user, attempt, signedIn } = await arrange();
    const other = await signedIn();
    const { caller, token, origin } = await signedIn();
    const result = await changePassword(test.database, caller, { currentPassword: password, newPassword });
    if (!result.ok) throw new Error(result.message);
    expect(result.endedSessions).toBe(1);
    expect(await findCaller(test.database, other.token, other.origin)).toBeNull();
    expect(await findCaller(test.database, result.token, origin)).not.toBeNull();
    now = addMinutes(now, 1);
    expect(await findCaller(test.database, token, origin)).toBeNull();
    expect(await attempt(password)).toMatchObject({ ok: false });
    expect(await attempt(newPassword)).toMatchObject({ ok: true });
    expect(
      await test.database.client.auditEvent.findMany({
        where: { actorId: user.id, kind: "PasswordChanged" },
      }),
    ).toMatchObject([{ outcome: "Success", targetId: user.id, details: { endedSessions: 1 } }]);
  });

  it("refuses a wrong old password, a weak new one and the same one, and changes nothing", async () => {
    const { user, attempt, signedIn } = await arrange();
    const { caller } = await signedIn();
    const change = (currentPassword: string, chosen: string) =>
      changePassword(test.database, caller, { currentPassword, newPassword: chosen });
    expect(await change("wrong", newPassword)).toMatchObject({ ok: false, field: "currentPassword" });
    expect(await change(password, "short")).toMatchObject({ ok: false, field: "newPassword" });
    expect(await change(password, "Byron-Byron-2026!!")).toMatchObject({ ok: false, field: "newPassword" });
    expect(await change(password, password)).toMatchObject({ ok: false, field: "newPassword" });
    expect(await attempt(password)).toMatchObject({ ok: true });
    expect(
      await test.database.client.auditEvent.findMany({
        where: { actorId: user.id, kind: "PasswordChanged" },
      }),
    ).toMatchObject([{ outcome: "Failure" }]);
  });

  it("lets nobody guess the old one from a session left open", async () => {
    const { signedIn } = await arrange();
    const { caller } = await signedIn();
    const guesses = Array.from({ length: 12 }, () =>
      changePassword(test.database, caller, { currentPassword: "wrong", newPassword }),
    );
    await Promise.all(guesses);
    expect(
      await changePassword(test.database, caller, { currentPassword: password, newPassword }),
    ).toMatchObject({ ok: false, field: "currentPassword" });
    now = addMinutes(now, 1);
    expect(
      await changePassword(test.database, caller, { currentPassword: password, newPassword }),
    ).toMatchObject({ ok: true });
  });
});

describe("the set-up of the first Owner", () => {
  it("succeeds once, of any number of submissions at once, and for the right token only", async () => {
    const fresh = await createTestDatabase();
    try {
      await makeTree(fresh.database);
      await makeOwnerRole(fresh.database);
      await fresh.asOwner(
        "UPDATE installation SET setup_token_hashes = ARRAY[sha256('another token'), sha256('the token')]",
      );
      const attempt = (token: string) =>
        setUpFirstOwner(
          fresh.database,
          { token, displayName: "First", email: `${randomUUID()}@contoso.example`, password },
          somewhere(),
        );
      expect(await attempt("another")).toBe(false);
      const results = await Promise.all(Array.from({ length: 6 }, () => attempt("the token")));
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await attempt("the token")).toBe(false);
      expect(await fresh.database.client.principal.count()).toBe(1);
      expect(await fresh.database.client.assignment.count()).toBe(1);
      expect(await fresh.database.client.auditEvent.count({ where: { kind: "OwnerSetUp" } })).toBe(1);
    } finally {
      await fresh.drop();
    }
  });
});
