import { describe, expect, it } from "vitest";
import type { EventFacts } from "@/lib/domain/notifications/event-facts";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import { asRead, eventOf } from "../../support/event-facts";

const page = "/account/security";
const until = "30 Nov 2026, 17:00 UTC";
const time = "2026-11-30T17:00:00.000Z";
const notYou = "If this was not you, tell your administrators and end your other sessions.";
/** Events about an account have no role and no place. */
const account = { roleName: null, resourceName: null, scope: null, justification: null };
const read = (kind: string, details = {}, of: Partial<EventFacts> = {}) =>
  asRead(noticesOf(eventOf(kind, { ...account, details, ...of })));

describe("what is done to one's own sign-in and factors", () => {
  it.each([
    ["AuthenticatorEnrolled", "An authenticator app was set up for your account"],
    ["AuthenticatorReplaced", "Your authenticator app was replaced"],
    ["AuthenticatorRemoved", "Your authenticator app was removed"],
    ["PasskeyRegistered", "A passkey was added to your account: Blue key"],
    ["PasskeyRemoved", "A passkey of yours was removed: Blue key"],
    ["RecoveryCodesReplaced", "You have new recovery codes"],
    ["PasswordChanged", "Your password was changed"],
    ["FactorLocked", "Your authenticator app is locked"],
  ])("%s is announced to whoever did it, who may not have been themselves", (kind, title) => {
    const [notice, ...rest] = read(kind, { name: "Blue key" });
    expect(rest).toEqual([]);
    expect(notice).toEqual(["actor", "security", title, expect.stringContaining(notYou), page]);
  });

  it.each([
    ["OneTimePasswordUsed", {}, "Your one-time password was used", notYou],
    ["FactorPassRevoked", {}, "Your one-time pass was revoked", "It can no longer be used."],
    ["FactorPassIssued", {}, "A one-time pass was made for you", "a second factor. If you did not"],
    [
      "FactorPassIssued",
      { expiresAt: time },
      "A one-time pass was made for you",
      `a second factor, until ${until}.`,
    ],
    [
      "SignInIssued",
      { signIn: "Invitation" },
      "A new way to sign in was issued for you",
      "Max issued an invitation for",
    ],
    [
      "SignInIssued",
      { signIn: "OneTimePassword" },
      "A new way to sign in was issued for you",
      "Max issued a one-time password for",
    ],
    [
      "AuthenticatorReset",
      {},
      "An administrator reset your second factors",
      "Max removed your authenticator app",
    ],
    ["FactorResetWithdrawn", {}, "The reset of your second factors was withdrawn", "Max withdrew it."],
    ["FactorResetLapsed", {}, "The reset of your second factors lapsed", "Your factors stay as they are."],
    [
      "PasskeyCounterBack",
      { name: "Blue key" },
      "A passkey of yours was refused: Blue key",
      "which happens if a passkey was copied",
    ],
    [
      "SessionsEndedByAdministrator",
      {},
      "An administrator ended your sessions",
      "Max signed you out everywhere.",
    ],
    [
      "SessionsEndedByAdministrator",
      { endedSessionId: "s" },
      "An administrator ended a session of yours",
      "Max signed you out of one browser.",
    ],
    [
      "WrongCodesGathered",
      { failures: 8 },
      "Wrong codes were entered in your name",
      "8 since the count began, the last from 203.0.113.7.",
    ],
    [
      "IdentityLinked",
      { provider: "Entra ID" },
      "Your account was linked to Entra ID",
      "You can sign in through it from now on.",
    ],
    [
      "IdentityLinked",
      { directoryName: "Joiners" },
      "Your account was linked to an identity provider",
      "since the directory Joiners knows you by it.",
    ],
    [
      "IdentityUnlinked",
      { provider: "" },
      "Your account is no longer linked to an identity provider",
      "Max removed the link.",
    ],
    [
      "IdentityLinkIssued",
      { provider: "Entra ID" },
      "A link of your account to Entra ID was issued",
      "Max issued it.",
    ],
  ])("%s %j is announced to its person", (kind, details, title, body) => {
    const [notice, ...rest] = read(kind, details);
    expect(rest).toEqual([]);
    expect(notice).toEqual(["target", "security", title, expect.stringContaining(body), page]);
  });

  it("names nobody where nobody is known", () => {
    const nobody = { actorName: null, ipAddress: null };
    for (const kind of [
      "SessionsEndedByAdministrator",
      "SignInIssued",
      "FactorPassIssued",
      "AuthenticatorReset",
    ])
      expect(read(kind, {}, nobody)[0]?.[3]).toMatch(/^An administrator /);
    expect(read("IdentityUnlinked", {}, nobody)[0]?.[3]).toMatch(/^Somebody /);
    expect(read("WrongCodesGathered", {}, nobody)[0]?.[3]).toMatch(
      /^Several since the count began, the last from an unknown address\./,
    );
  });

  it("says nothing of a link that somebody issued for themselves", () => {
    expect(read("IdentityLinkIssued", {}, { actorId: "ada" })).toEqual([]);
  });

  it("says from when a new factor counts, where it waits, and until when one is locked", () => {
    for (const kind of ["AuthenticatorEnrolled", "PasskeyRegistered"]) {
      expect(read(kind, { countsFrom: time })[0]?.[3]).toBe(`It counts from ${until}. ${notYou}`);
      expect(read(kind)[0]?.[3]).toBe(notYou);
    }
    expect(read("PasskeyRegistered")[0]?.[2]).toBe("A passkey was added to your account");
    expect(read("FactorLocked", { lockedUntil: time })[0]?.[3]).toBe(
      `Too many wrong codes were entered: no code is accepted until ${until}. ${notYou}`,
    );
    expect(read("FactorLocked")[0]?.[3]).toBe(`Too many wrong codes were entered. ${notYou}`);
  });
});

describe("a reset of second factors", () => {
  it("is announced to its person when it is asked for and confirmed, with when it takes effect", () => {
    const [asked, ...rest] = read("FactorResetAsked", { dueAt: time });
    expect(rest).toEqual([]);
    expect(asked).toEqual([
      ...["target", "security", "A reset of your second factors was asked for"],
      expect.stringContaining(`Max asked for it. It takes effect on ${until}. Until then your factors work.`),
      page,
    ]);
    expect(read("FactorResetConfirmed", { dueAt: time })).toEqual([
      [
        ...["target", "security", "The reset of your second factors was confirmed"],
        expect.stringContaining(`Max confirmed it. It takes effect on ${until}.`),
        page,
      ],
    ]);
    expect(read("FactorResetConfirmed", {}, { actorName: null })[0]?.[3]).toMatch(/^A second administrator /);
  });

  it("that takes two is announced to administrators, one of whom confirms it", () => {
    const [own, second, ...rest] = read("FactorResetAsked", { takesTwo: true });
    expect(rest).toEqual([]);
    expect(own?.[3]).toContain("It takes effect once a second administrator has confirmed it.");
    expect(second).toEqual([
      ...["administrators", "administration"],
      "A reset of the second factors of Ada waits for a second administrator",
      "Max asked for it. First make sure that the request really comes from that person.",
      "/people/ada",
    ]);
  });

  it("that its person stopped is announced to them and to administrators", () => {
    expect(read("FactorResetStopped").map(([audience, , title, , href]) => [audience, title, href])).toEqual([
      ["target", "You stopped the reset of your second factors", page],
      ["administrators", "Ada stopped the reset of their second factors", "/people/ada"],
    ]);
    expect(read("FactorResetStopped", {}, { targetId: null, targetName: null })[1]?.slice(2, 5)).toEqual([
      ...["Somebody stopped the reset of their second factors", expect.any(String), "/people"],
    ]);
  });
});

describe("a sign-in", () => {
  const signIn = (of: Partial<EventFacts>) => noticesOf(eventOf("SignIn", { ...account, ...of }));
  const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

  it("from where somebody has been is announced to nobody", () => {
    expect(signIn({})).toEqual([]);
  });

  it("from a new address or with a new browser is announced to its person", () => {
    const title = (of: Partial<EventFacts>) => signIn(of)[0]?.notice.title;
    expect(title({ fromNewAddress: true })).toBe("You signed in from a new address");
    expect(title({ withNewBrowser: true })).toBe("You signed in with a new browser");
    expect(title({ fromNewAddress: true, withNewBrowser: true })).toBe(
      "You signed in from a new address, with a new browser",
    );
    expect(asRead(signIn({ fromNewAddress: true, userAgent }))).toEqual([
      [
        ...["actor", "security", "You signed in from a new address"],
        `With Firefox on Linux, from 203.0.113.7. ${notYou} Your sign-ins of the last 90 days are listed under Sessions.`,
        "/account/sessions",
      ],
    ]);
    const unknown = { fromNewAddress: true, userAgent: null, ipAddress: null };
    expect(signIn(unknown)[0]?.notice.body).toMatch(/^With an unknown browser, from an unknown address\./);
  });

  it("is shown in the portal alone where another was mailed within the hour", () => {
    expect(signIn({ fromNewAddress: true })[0]?.portalOnly).toBe(false);
    expect(signIn({ fromNewAddress: true, mailedLately: true })[0]?.portalOnly).toBe(true);
  });
});

describe("guessing of passwords", () => {
  it("is announced to its person each time, and to administrators where the event says so", () => {
    const own = ["target", "security", "Somebody is guessing your password", expect.any(String), page];
    expect(read("SignInAttacked")).toEqual([own]);
    expect(read("SignInAttacked", { administrators: true })).toEqual([
      own,
      [
        ...["administrators", "administration", "Passwords are being guessed at Ada"],
        ...[expect.stringContaining("the log lists every refused sign-in"), "/audit?kind=SignInFailed"],
      ],
    ]);
  });

  it("from one address or at an account that does not exist is announced to administrators alone", () => {
    const nobody = { targetId: null, targetName: null };
    const titles = (details: object, of = {}) =>
      read("SignInAttacked", { administrators: true, ...details }, { ...nobody, ...of }).map(
        ([audience, , title]) => [audience, title],
      );
    expect(titles({})).toEqual([
      ["administrators", "Passwords are being guessed at an account that does not exist"],
    ]);
    expect(titles({ what: "Address" })).toEqual([
      ["administrators", "Passwords are being guessed from 203.0.113.7"],
    ]);
    expect(titles({ what: "Address" }, { ipAddress: null })).toEqual([
      ["administrators", "Passwords are being guessed from one address"],
    ]);
  });
});

describe("accounts that a provider makes", () => {
  it("are announced to administrators once it makes no more within the hour", () => {
    expect(read("PrincipalCreated", { lastInHour: 500, provider: "Contoso" })).toEqual([
      [
        ...["administrators", "administration", "Contoso has made 500 accounts within an hour"],
        expect.stringContaining("It makes no more until the hour is over."),
        "/audit?kind=PrincipalCreated",
      ],
    ]);
    expect(read("PrincipalCreated", { lastInHour: 500 })[0]?.[2]).toMatch(/^an identity provider has made/);
    expect(read("PrincipalCreated", { provider: "Contoso" })).toEqual([]);
  });
});

describe("a change of an address", () => {
  const before = { displayName: "Ada", email: "ada@contoso.example" };
  const after = { displayName: "Ada", email: "mallory@contoso.example" };

  it("is announced at the old one too", () => {
    expect(noticesOf(eventOf("PrincipalUpdated", { details: { before, after } }))).toMatchObject([
      {
        ...{ audience: "target", addresses: ["ada@contoso.example"] },
        notice: { category: "security", title: "Your email address was changed", href: page },
      },
    ]);
    expect(read("PrincipalUpdated", { before, after }, { actorName: null })[0]?.[3]).toMatch(
      /^From ada@contoso\.example to mallory@contoso\.example, by an administrator\./,
    );
  });

  it("is none where its case alone changed, or one of the two is none", () => {
    const recased = { ...before, email: "Ada@contoso.example" };
    for (const pair of [
      { before, after: recased },
      { before },
      { after },
      { before: { email: null }, after },
      { before, after: { email: 7 } },
      { before: "x", after },
      { before: null, after },
    ])
      expect(read("PrincipalUpdated", pair)).toEqual([]);
  });
});
