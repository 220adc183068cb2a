import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { choosePassword, makeOneTimePassword, makeToken } from "@/lib/identity/passwords/password-ticket";
import { provedForFirstFactor } from "@/lib/identity/passwords/reauthenticate";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { issueSignIn, type NewSignIn } from "@/lib/operations/people/issue-sign-in";
import type { Caller } from "@/lib/platform/caller";
import { type Administration, makeAdministration } from "../../support/administration";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeCaller, makeGroup } from "../../support/factories";

/** The help desk issued somebody a sign-in and kept a copy. Afterwards that person is given access. */

const origin = { ipAddress: "192.0.2.19", userAgent: "test" };
const secrets = ["a-session-secret-of-at-least-thirty-two-characters"] as const;
const chosen = "seven herons over tiled roofs";
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration();
});
afterAll(() => at.test.drop());

interface Issued {
  readonly signIn: NewSignIn;
  /** The ways in which a holder of the sign-in chooses a password with it. */
  readonly ticket: (email: string) => Promise<string>;
}
const kinds: Record<NewSignIn["kind"], (maker: Caller) => Promise<Issued>> = {
  async Invitation() {
    const { token, tokenHash } = makeToken();
    return { signIn: { kind: "Invitation", tokenHash }, ticket: async () => token };
  },
  async OneTimePassword(maker) {
    const { password, passwordHash } = await makeOneTimePassword(maker);
    const ticket = async (email: string) => {
      const result = await signIn(at.database, secrets, { email, password }, origin);
      if (result.ok || result.reason !== "ChoosePassword") throw new Error("no password may be chosen");
      return result.ticket;
    };
    return { signIn: { kind: "OneTimePassword", passwordHash }, ticket };
  },
};
const choose = (token: string) => choosePassword(at.database, { token, password: chosen }, origin);

async function newcomer(by: Caller, issued: Issued) {
  const email = `${randomUUID()}@contoso.example`;
  const made = await createPrincipal(at.database, by, {
    ...{ type: "User", displayName: "Nora New", externalId: null, email, signIn: issued.signIn },
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { id: made.principalId, email };
}
const signsIn = async (email: string) =>
  (await signIn(at.database, secrets, { email, password: chosen }, origin)).ok;

for (const [kind, make] of Object.entries(kinds)) {
  it(`${kind}: is worth nothing once its person has access that its administrator could not give, until one who can issues another`, async () => {
    const { caller: helpdesk } = await at.peopleManager();
    const issued = await make(helpdesk);
    const person = await newcomer(helpdesk, issued);
    const traded = await issued.ticket(person.email);
    await grant(at.database, "eligible", person.id, ownerRoleId, at.tree.root.id);
    const refused = { ok: false, field: "token", message: expect.stringContaining("could not give") };
    expect(await choose(traded)).toMatchObject(refused);
    expect(await choose(await issued.ticket(person.email))).toMatchObject(refused);
    expect((await at.eventsOf(person.id)).at(-1)).toBe("PasswordChanged Failure");
    expect(await signsIn(person.email)).toBe(false);

    const renewed = await make(at.owner);
    const proofId = await at.prove({ kind: "IssueSignIn", principalId: person.id });
    const input = { principalId: person.id, signIn: renewed.signIn, justification: "Renewed", proofId };
    expect(await issueSignIn(at.database, at.owner, input)).toMatchObject({ ok: true });
    expect(await choose(await renewed.ticket(person.email))).toEqual({ ok: true });
    expect(await signsIn(person.email)).toBe(true);
  });

  it(`${kind}: is worth nothing once whoever issued it may not manage people`, async () => {
    const { caller: helpdesk, assignment } = await at.peopleManager();
    const issued = await make(helpdesk);
    const person = await newcomer(helpdesk, issued);
    await at.test.asOwner("DELETE FROM assignments WHERE id = $1", [assignment.id]);
    expect(await choose(await issued.ticket(person.email))).toMatchObject({ ok: false, field: "token" });
  });

  it(`${kind}: lets its person in who was given no more than its administrator could give`, async () => {
    const { caller: helpdesk } = await at.peopleManager();
    const issued = await make(helpdesk);
    const person = await newcomer(helpdesk, issued);
    expect(await choose(await issued.ticket(person.email))).toEqual({ ok: true });
    expect(await signsIn(person.email)).toBe(true);
  });
}

it("is judged to the commit: its person may get access through a group while it is used", async () => {
  const { caller: helpdesk } = await at.peopleManager();
  const issued = await kinds.Invitation(helpdesk);
  const person = await newcomer(helpdesk, issued);
  const inner = await makeGroup(at.database, [], `Inner ${randomUUID()}`);
  const outer = await makeGroup(at.database, [inner.id], `Outer ${randomUUID()}`);
  await grant(at.database, "eligible", outer.id, ownerRoleId, at.tree.root.id);
  // It has been judged, and waits to write.
  const held = await holdLock(at.test, "LOCK TABLE password_credentials IN SHARE ROW EXCLUSIVE MODE", []);
  const choosing = choose(await issued.ticket(person.email));
  try {
    await held.waitedFor();
    await at.database.client.groupMember.create({ data: { groupId: inner.id, memberId: person.id } });
  } finally {
    await held.release();
  }
  expect(await choosing).toMatchObject({ ok: false, message: expect.stringContaining("could not give") });
  expect(await signsIn(person.email)).toBe(false);
});

it("is no password of its person's in a session that began otherwise, and neither is the password that it replaced", async () => {
  const { password, passwordHash } = await makeOneTimePassword(at.owner);
  const signIns = [
    { kind: "OneTimePassword", passwordHash } as const,
    (await kinds.Invitation(at.owner)).signIn,
  ];
  for (const next of signIns) {
    const issued = await kinds.Invitation(at.owner);
    const person = await newcomer(at.owner, issued);
    expect(await choose(await issued.ticket(person.email))).toEqual({ ok: true });
    const proofId = await at.prove({ kind: "IssueSignIn", principalId: person.id });
    const input = { principalId: person.id, signIn: next, justification: "Lost", proofId };
    expect(await issueSignIn(at.database, at.owner, input)).toMatchObject({ ok: true });
    const caller = await makeCaller(at.database, { ...person, displayName: "Nora New" });
    for (const typed of [password, chosen]) {
      expect(await provedForFirstFactor(at.database, caller, typed, "AuthenticatorEnrolled")).toBe(false);
      const change = { currentPassword: typed, newPassword: "nine otters under a wide bridge" };
      expect(await changePassword(at.database, caller, change)).toMatchObject({ field: "currentPassword" });
    }
  }
});
