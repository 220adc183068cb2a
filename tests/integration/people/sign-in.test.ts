import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { hashPassword } from "@/lib/identity/passwords/password";
import { choosePassword, makeToken, readPasswordTicket } from "@/lib/identity/passwords/password-ticket";
import { rememberDevice } from "@/lib/identity/sessions/known-device";
import { createSession, findCaller, isSessionGood } from "@/lib/identity/sessions/sessions";
import { setUpFirstOwner } from "@/lib/identity/sign-in/set-up";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { forgetGuesses } from "@/lib/operations/people/prune-wrong-guesses";
import { inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { allBehind, atOnce, holdLock, holdLog } from "../../support/database/held-lock";
import { makeOwnerRole, makeTree, makeUser } from "../../support/factories";

const secrets = ["a secret of the test's own, long enough"] as const;
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
  const here = somewhere();
  const attempt = (typed: string, origin = here) =>
    signIn(test.database, secrets, { email, password: typed }, origin);
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
/**
 * Starts these while a table that each writes to is locked, and releases it when two wait. The others have no
 * turn yet, or wait for one of the two.
 */
async function flood<Result>(
  table: "audit_events" | "sign_in_throttles",
  calls: readonly (() => Promise<Result>)[],
): Promise<Result[]> {
  const held = await holdLock(test, `LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`, []);
  const running = calls.map((call) => call());
  try {
    await held.waitedFor(2);
  } finally {
    await held.release();
  }
  return Promise.all(running);
}
const refusals = (email: string) =>
  test.database.client.auditEvent.findMany({
    where: { kind: "SignInFailed", details: { path: ["email"], equals: email } },
  });

describe("guesses at a password", () => {
  it("are let through five at the most, however many come at once, and then even the right one waits", async () => {
    const { email, attempt } = await arrange();
    await flood(
      "audit_events",
      Array.from({ length: 20 }, () => () => attempt("wrong")),
    );
    // Five that were checked, and the others gathered: the first of them now, the rest later.
    const events = await refusals(email);
    expect(events).toHaveLength(6);
    expect(events.filter(({ details }) => JSON.stringify(details).includes("true"))).toHaveLength(1);
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
      await signIn(test.database, secrets, { email: `${tries}@nowhere.example`, password: "wrong" }, origin);
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
        const origin = somewhere();
        for (let tries = 0; tries < 8; tries += 1) {
          const credentials = { email, password: email === known.email ? "wrong" : password };
          results.push(await signIn(test.database, secrets, credentials, origin));
        }
        const throttled = (await refusals(email)).map(({ details }) =>
          JSON.stringify(details).includes("true"),
        );
        return { results, throttled: throttled.filter(Boolean).length };
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it("do not fill the table for ever, and are logged before they are forgotten", async () => {
    const origin = somewhere();
    for (let tries = 0; tries < 60; tries += 1) {
      const email = `made-up-${tries}@nowhere.example`;
      await signIn(test.database, secrets, { email, password: "wrong" }, origin);
    }
    // Names that are only tried while the address has to wait leave no trace.
    expect(
      await test.database.client.signInThrottle.count({ where: { key: { contains: origin.ipAddress } } }),
    ).toBeLessThan(30);
    now = addMinutes(now, 7 * 24 * 60);
    await forgetGuesses(test.database);
    expect(await test.database.client.signInThrottle.count()).toBe(0);
    const gathered = await test.database.client.auditEvent.findMany({
      where: { kind: "SignInFailed", details: { path: ["attempts"], gt: 30 } },
    });
    expect(gathered).toHaveLength(1);
  });
});

describe("somebody else's guesses", () => {
  it("do not keep a person out: not from their own address, nor from a browser that is known", async () => {
    const { email, attempt } = await arrange();
    const before = await attempt(password);
    if (!before.ok) throw new Error("not signed in");
    const stranger = somewhere();
    for (let quarters = 0; quarters < 8; quarters += 1) {
      for (let tries = 0; tries < 8; tries += 1) await attempt("wrong", stranger);
      expect(await attempt(password)).toMatchObject({ ok: true });
      now = addMinutes(now, 15);
    }
    // Many addresses together, including the person's own: now only a known browser is let in.
    for (let tries = 0; tries < 60; tries += 1) await attempt("wrong", tries % 2 ? somewhere() : stranger);
    expect(await attempt(password, somewhere())).toMatchObject({ ok: false });
    const from = { ipAddress: stranger.ipAddress, userAgent: "test" };
    expect(await signIn(test.database, secrets, { email, password }, from, before.device)).toMatchObject({
      ok: true,
    });
  });

  it("from many addresses at once are bounded, and reported to the person and to administrators", async () => {
    const { user, email, attempt } = await arrange();
    const guessed = () =>
      flood(
        "sign_in_throttles",
        Array.from({ length: 60 }, () => () => attempt("wrong", somewhere())),
      );
    await guessed();
    const looked = (await refusals(email)).filter(({ details }) => JSON.stringify(details).includes("false"));
    expect(looked).toHaveLength(30);
    const entries = await test.database.client.auditEvent.findMany({
      where: { kind: "SignInAttacked", targetId: user.id },
    });
    expect(entries).toHaveLength(1);
    // Ten more an hour, and no extra ones for waiting half the night.
    now = addMinutes(now, 60);
    await guessed();
    const more = (await refusals(email)).filter(({ details }) => JSON.stringify(details).includes("false"));
    expect(more).toHaveLength(40);
  });

  it("gain nothing by another person's cookie, an altered one or an old one", async () => {
    const [mine, theirs] = [await arrange(), await arrange()];
    const signedIn = await mine.attempt(password);
    if (!signedIn.ok) throw new Error("not signed in");
    const forged = signedIn.device.replace(mine.user.id, theirs.user.id);
    const origin = somewhere();
    for (const device of [signedIn.device, forged]) {
      for (let tries = 0; tries < 8; tries += 1) {
        await signIn(test.database, secrets, { email: theirs.email, password: "wrong" }, origin, device);
      }
      const credentials = { email: theirs.email, password };
      expect(await signIn(test.database, secrets, credentials, origin, device)).toMatchObject({ ok: false });
    }
    // A known browser is slowed by its own guesses, at any address.
    for (let tries = 0; tries < 8; tries += 1) {
      const credentials = { email: mine.email, password: "wrong" };
      await signIn(test.database, secrets, credentials, somewhere(), signedIn.device);
    }
    const right = { email: mine.email, password };
    expect(await signIn(test.database, secrets, right, somewhere(), signedIn.device)).toMatchObject({
      ok: false,
    });
  });
});

it("pools browsers that were known before the password changed, however many cookies were made", async () => {
  const { user, email, attempt, signedIn } = await arrange();
  const devices: string[] = [];
  for (let made = 0; made < 4; made += 1) {
    const result = await attempt(password, somewhere());
    if (result.ok) devices.push(result.device);
  }
  now = addMinutes(now, 1);
  const newPassword = "seven brown loaves of bread";
  const { caller } = await signedIn();
  const input = { currentPassword: password, newPassword };
  const changed = await changePassword(test.database, caller, input);
  if (!changed.ok) throw new Error(changed.message);
  const guess = (device: string, typed: string) =>
    signIn(test.database, secrets, { email, password: typed }, somewhere(), device);
  for (const device of devices) for (let tries = 0; tries < 5; tries += 1) await guess(device, "wrong");
  const looked = (await refusals(email)).filter(({ details }) => JSON.stringify(details).includes("false"));
  expect(looked).toHaveLength(5);
  expect(await guess(devices[0] ?? "", newPassword)).toMatchObject({ ok: false });
  // The browser in which the password was chosen, and one signed in with it, have counts of their own again.
  const here = rememberDevice(secrets, devices[1] ?? "", user.id, changed.changedAt);
  expect(await guess(here, newPassword)).toMatchObject({ ok: true });
  const fresh = await attempt(newPassword, somewhere());
  if (!fresh.ok) throw new Error(`${user.displayName} is not signed in`);
  expect(await guess(fresh.device, newPassword)).toMatchObject({ ok: true });
});

describe("a sign-in under way", () => {
  it("ends with the password that an invitation or a one-time password replaced, and is logged once", async () => {
    const replacing = {
      "an invitation": "must_change = true, expires_at = $2",
      "a one-time password": "must_change = true, hash = 'x', expires_at = $2 + interval '3 days'",
    };
    for (const [what, change] of Object.entries(replacing)) {
      const { user, email, attempt } = await arrange();
      const sql = `UPDATE password_credentials SET ${change.replaceAll("$2", "$2::timestamptz")} WHERE user_id = $1`;
      const held = await holdLock(test, sql, [user.id, now]);
      const trying = attempt(password);
      await held.waitedFor();
      await held.release();
      expect(await trying, what).toMatchObject({ ok: false, reason: "Refused" });
      expect(await test.database.client.session.count({ where: { userId: user.id } }), what).toBe(0);
      expect(await refusals(email), what).toHaveLength(1);
    }
  });
});

describe("what a signed-in person can pile up", () => {
  it("is fifty open sessions, so that the list shows each, and one way to choose a password", async () => {
    const { user, attempt } = await arrange();
    const former = await attempt(password);
    if (!former.ok) throw new Error("not signed in");
    for (let made = 0; made < 49; made += 1) {
      await inTransaction(test.database, (transaction) =>
        createSession(transaction, user.id, { ipAddress: "192.0.2.9", userAgent: "test" }),
      );
    }
    const open = () => test.database.client.session.count({ where: { userId: user.id, endedAt: null } });
    now = addMinutes(now, 2);
    const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
    // The used one stays, whichever was made first.
    expect(await findCaller(test.database, former.token, origin)).not.toBeNull();
    expect(await open()).toBe(50);
    expect(await attempt(password)).toMatchObject({ ok: true });
    expect(await open()).toBe(50);
    expect(await findCaller(test.database, former.token, origin)).not.toBeNull();

    await test.database.client.passwordCredential.update({
      where: { userId: user.id },
      data: { mustChange: true },
    });
    const tickets: string[] = [];
    for (let times = 0; times < 4; times += 1) {
      const result = await attempt(password);
      if (!result.ok && result.reason === "ChoosePassword") tickets.push(result.ticket);
    }
    expect(await test.database.client.passwordTicket.count({ where: { userId: user.id } })).toBe(1);
    const whose = await Promise.all(
      tickets.map((ticket) => readPasswordTicket(test.database, ticket, somewhere())),
    );
    expect(whose.map((person) => person !== null)).toEqual([false, false, false, true]);
  });
});

it("lets right passwords in, however many come at once from one address", async () => {
  const origin = somewhere();
  const people = await Promise.all(Array.from({ length: 30 }, () => arrange()));
  const results = await flood(
    "sign_in_throttles",
    people.map(
      ({ attempt }) =>
        () =>
          attempt(password, origin),
    ),
  );
  expect(results.filter(({ ok }) => ok)).toHaveLength(30);
});

it("lets a right password in that waited while wrong ones were counted, none of which blocks", async () => {
  const { attempt, user } = await arrange();
  // One more would block.
  for (let tries = 0; tries < 4; tries += 1) expect(await attempt("wrong")).toMatchObject({ ok: false });
  const counts = await holdLock(
    test,
    "SELECT key FROM sign_in_throttles WHERE key LIKE $1 ORDER BY key FOR UPDATE",
    [`%${user.id}%`],
  );
  for (const result of await allBehind(counts, [() => attempt(password), () => attempt(password)]))
    expect(result).toMatchObject({ ok: true });
});

describe("a lock on an account", () => {
  it("is one however its address is written: in capitals, with spaces, in another composition", async () => {
    const { user, attempt } = await arrange();
    const email = `ïdris.${user.id}@contoso.example`.normalize("NFC");
    await test.database.client.principal.update({ where: { id: user.id }, data: { email } });
    const here = somewhere();
    const ways = [
      email,
      email.toUpperCase(),
      ` ${email} `,
      `\t${email}\n`,
      email.normalize("NFD"),
      email.replace("ï", "İ"),
      email.replaceAll("i", "ı"),
    ];
    for (let tries = 0; tries < 5; tries += 1) {
      const typed = ways[tries % 3] ?? email;
      await signIn(test.database, secrets, { email: typed, password: "wrong" }, here);
    }
    for (const typed of ways) {
      const result = await signIn(test.database, secrets, { email: typed, password }, here);
      expect(result, JSON.stringify(typed)).toMatchObject({ ok: false });
    }
    expect(await attempt(password)).toMatchObject({ ok: false });
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
    // At once, not after the minute that a former secret is otherwise good for.
    expect(await findCaller(test.database, token, origin)).toBeNull();
    expect(await isSessionGood(test.database, caller.sessionId)).toBe(false);
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
    const { user, signedIn } = await arrange();
    const { caller } = await signedIn();
    // Each has read the counts before the first one writes.
    const counts = await holdLock(test, "LOCK TABLE sign_in_throttles IN SHARE ROW EXCLUSIVE MODE", []);
    await allBehind(
      counts,
      Array.from(
        { length: 12 },
        () => () => changePassword(test.database, caller, { currentPassword: "wrong", newPassword }),
      ),
    );
    const events = await test.database.client.auditEvent.findMany({
      where: { actorId: user.id, kind: "PasswordChanged" },
    });
    expect(events.filter(({ details }) => JSON.stringify(details).includes("false"))).toHaveLength(5);
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
      expect(await attempt("another")).toMatchObject({ ok: false });
      const log = await holdLog(fresh);
      const attempts = Array.from({ length: 6 }, () => attempt("the token"));
      // As many as may run at a time are past the check of the token, or wait for one that is.
      await log.waitedFor(2);
      await log.release();
      const results = await Promise.all(attempts);
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(await attempt("the token")).toMatchObject({ ok: false });
      expect(await fresh.database.client.principal.count()).toBe(1);
      expect(await fresh.database.client.assignment.count()).toBe(1);
      expect(
        await fresh.database.client.auditEvent.count({ where: { kind: "OwnerSetUp", outcome: "Success" } }),
      ).toBe(1);
    } finally {
      await fresh.drop();
    }
  });

  it("slows and logs wrong tokens, and so do invitations", async () => {
    const origin = somewhere();
    const input = { displayName: "First", email: `${randomUUID()}@contoso.example`, password };
    for (let tries = 0; tries < 15; tries += 1) {
      await setUpFirstOwner(test.database, { ...input, token: `guess ${tries}` }, origin);
      await readPasswordTicket(test.database, `guess ${tries}`, origin);
    }
    const events = await test.database.client.auditEvent.findMany({
      where: { ipAddress: origin.ipAddress, outcome: "Failure" },
    });
    expect(events.filter(({ kind }) => kind === "OwnerSetUp").length).toBeGreaterThan(8);
    expect(events.filter(({ kind }) => kind === "PasswordChanged").length).toBeGreaterThan(8);
    // Twenty that were checked, and one event that reports the others.
    expect(events).toHaveLength(21);
    const { user } = await arrange();
    const { token, tokenHash } = makeToken();
    await test.database.client.passwordTicket.create({
      data: { userId: user.id, purpose: "Invitation", tokenHash, expiresAt: addMinutes(now, 60) },
    });
    expect(await readPasswordTicket(test.database, token, origin)).toBeNull();
    const elsewhere = somewhere();
    expect(await readPasswordTicket(test.database, token, elsewhere)).not.toBeNull();
    const chosen = "seven brown loaves of bread";
    const used = await atOnce(
      test,
      [1, 2, 3].map(() => () => choosePassword(test.database, { token, password: chosen }, elsewhere)),
    );
    expect(used.filter(({ ok }) => ok)).toHaveLength(1);
    const late = { ipAddress: elsewhere.ipAddress, outcome: "Failure" as const, kind: "PasswordChanged" };
    expect(await test.database.client.auditEvent.count({ where: late })).toBe(2);
  });
});

describe("a password", () => {
  it("is taken exactly as it is typed, to its last letter, and after ten years as well", async () => {
    const { user, email } = await arrange();
    const long = `${"Slate walls, old and grey. ".repeat(30)}End`;
    await test.database.client.passwordCredential.update({
      where: { userId: user.id },
      data: { hash: await hashPassword(long) },
    });
    const takes = async (typed: string) =>
      (await signIn(test.database, secrets, { email, password: typed }, somewhere())).ok;
    for (const other of [long.slice(0, -1), long.toLowerCase(), `${long} `, ` ${long}`])
      expect(await takes(other), other.slice(-5)).toBe(false);
    now = new Date("2036-03-02T09:00:00Z");
    expect(await takes(long)).toBe(true);
  });

  it("is nobody's before somebody was set up: there is no account to begin with", async () => {
    const empty = await createTestDatabase();
    try {
      expect(await empty.database.client.principal.count()).toBe(0);
      expect(await empty.database.client.passwordCredential.count()).toBe(0);
    } finally {
      await empty.drop();
    }
  });
});
