import { describe, expect, it } from "vitest";
import { unreadiness } from "@/lib/domain/people/break-glass-account";
import { browserInWords, browserOf } from "@/lib/domain/people/browser";
import { isFirstFactorRule, setUpTokenOf, typedPass } from "@/lib/domain/people/factor-pass";
import { resetInWords } from "@/lib/domain/people/factor-reset";
import { isOfDomains, statedPerson } from "@/lib/domain/people/identity-link";
import { peopleWithoutAddress } from "@/lib/domain/people/missing-factor";
import {
  formerText,
  type PrincipalIdentity,
  principalLabel,
  principalRecord,
  principalText,
  principalWithFormerText,
} from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";

describe("a browser in words", () => {
  it("is its family and system, where both are known", () => {
    expect(browserOf(firefox)).toBe("Firefox on Windows");
    expect(browserInWords(firefox)).toBe("Firefox on Windows");
    const nowhere = "Mozilla/5.0 (compatible; rv:128.0) Gecko/20100101 Firefox/128.0";
    for (const unknown of ["", "  ", "curl/8.5.0", "MyOwnBrowser/1.0 (Windows NT 10.0)", nowhere])
      expect(browserOf(unknown), unknown).toBeNull();
  });

  it("is otherwise what it calls itself, cut off, or unknown", () => {
    expect(browserInWords("  curl/8.5.0 ")).toBe("curl/8.5.0");
    expect(browserInWords("x".repeat(60))).toBe("x".repeat(60));
    expect(browserInWords("x".repeat(61))).toBe(`${"x".repeat(60)}…`);
    expect(browserInWords(" ")).toBe("Unknown");
  });
});

describe("a one-time pass", () => {
  it("is compared without hyphens, spaces and capitals", () => {
    expect(typedPass(" AB12-cd34 ef ")).toBe("ab12cd34ef");
  });

  it("may be a set-up address, pasted whole or its token alone", () => {
    expect(setUpTokenOf("https://postern.example.com/set-up?token=a-b_9&x=1")).toBe("a-b_9");
    expect(setUpTokenOf("https://postern.example.com/set-up?x=1&token=a-b_9")).toBe("a-b_9");
    expect(setUpTokenOf("  a-b_9 ")).toBe("a-b_9");
  });

  it("is asked for by one of three rules", () => {
    for (const rule of ["OneTimePass", "ProviderSecondFactor", "AnyoneSignedIn"])
      expect(isFirstFactorRule(rule), rule).toBe(true);
    for (const unknown of ["", "onetimepass", "toString"]) expect(isFirstFactorRule(unknown)).toBe(false);
  });
});

it("says what becomes of a reset that is asked for", () => {
  const words = (resetDelayHours: number, resetTakesTwo: boolean) =>
    resetInWords({ resetDelayHours, resetTakesTwo });
  expect(words(0, false)).toBe("At once");
  expect(words(0, true)).toBe("Once a second administrator has confirmed it");
  expect(words(5, false)).toBe("5 hours from now, unless the person stops it");
  expect(words(5, true)).toBe(
    "Once a second administrator has confirmed it, 5 hours later, unless the person stops it",
  );
});

it("shows who lacks a factor in the list of people", () => {
  expect(peopleWithoutAddress("PhishingResistant")).toBe("/people?factor=PhishingResistant");
});

it("says everything that a break-glass account lacks", () => {
  const ready = { enabled: true, password: true, factor: true, administersRoot: true };
  expect(unreadiness(ready)).toEqual([]);
  expect(unreadiness({ ...ready, enabled: false, factor: false })).toEqual([
    "It is disabled.",
    "It has no second factor that counts now.",
  ]);
  expect(
    unreadiness({ enabled: false, password: false, factor: false, administersRoot: false }),
  ).toHaveLength(4);
});

describe("what a provider says of somebody", () => {
  const reading = {
    claims: { name: "name", address: "email", externalId: "sub" },
    addressesAreVerified: false,
  };
  const said = (claims: Record<string, unknown>) => statedPerson({ sub: "s1", ...claims }, reading);

  it("needs a subject that can be a link's", () => {
    for (const sub of [undefined, "", 7, "x".repeat(256), "ü", "a\nb"])
      expect(statedPerson({ sub }, reading), String(sub)).toBeNull();
    expect(statedPerson({ sub: "x".repeat(255) }, reading)?.subject).toHaveLength(255);
  });

  it("is used as far as it can be stored", () => {
    expect(said({ name: " Ada  ", email: "Ada@Example.COM", email_verified: true, sid: "one" })).toEqual({
      ...{ subject: "s1", address: "ada@example.com", addressVerified: true, name: "Ada", sid: "one" },
      externalId: null,
      secondFactorAt: null,
    });
    expect(said({ name: 7, email: 8, email_verified: "yes", sid: "\u0000" })).toEqual({
      ...{
        subject: "s1",
        address: null,
        addressVerified: false,
        name: null,
        sid: null,
        externalId: null,
        secondFactorAt: null,
      },
    });
    expect(said({ email: "no address", name: "a\u202eb", email_verified: "true" })).toMatchObject({
      ...{ address: null, name: null, addressVerified: true },
    });
    expect(said({ name: "x".repeat(300) })?.name).toHaveLength(256);
    expect(statedPerson({ sub: "s1" }, { ...reading, addressesAreVerified: true })?.addressVerified).toBe(
      true,
    );
  });

  it("lets somebody in by a verified address of a named domain, or where none is named", () => {
    const person = said({ email: "ada@example.com", email_verified: true });
    if (!person) throw new Error("nobody");
    expect(isOfDomains(person, [])).toBe(true);
    expect(isOfDomains({ ...person, address: null }, [])).toBe(true);
    expect(isOfDomains(person, ["example.com"])).toBe(true);
    expect(isOfDomains(person, ["example.org"])).toBe(false);
    expect(isOfDomains({ ...person, addressVerified: false }, ["example.com"])).toBe(false);
    expect(isOfDomains({ ...person, address: null }, ["example.com"])).toBe(false);
  });
});

describe("a principal in text", () => {
  const id = "0196a5d0-ac96-774b-bcce-b302099a8057";
  const ada: PrincipalIdentity = {
    ...{ id, displayName: "Ada", type: "User", email: "ada@example.com", externalId: "x1", former: [] },
  };
  const group: PrincipalIdentity = {
    ...ada,
    displayName: "Team",
    type: "Group",
    email: null,
    externalId: null,
  };

  it("has beside the name what tells it from others of the same name", () => {
    expect(principalText(ada)).toBe(`${isolated("Ada")} (ada@example.com)`);
    expect(principalText(group)).toBe(`${isolated("Team")} (Group ${id})`);
    expect(principalLabel(group)).toBe(`${isolated("Team")} (Group …b302099a8057)`);
    expect(principalLabel({ ...group, email: "team@example.com" })).toBe(principalLabel(group));
    expect(principalText({ ...group, email: "team@example.com" })).toBe(principalText(group));
    expect(principalLabel({ ...group, externalId: "x1" })).toBe(`${isolated("Team")} (Group x1)`);
    const nameless = { ...ada, email: null, externalId: null };
    expect(principalLabel(nameless)).toBe(`${isolated("Ada")} (User …b302099a8057)`);
    expect(principalLabel({ ...ada, email: null })).toBe(`${isolated("Ada")} (User x1)`);
    expect(principalLabel(ada)).toBe(principalText(ada));
    expect(principalRecord(ada)).toBe("Ada (ada@example.com)");
    expect(principalRecord(group)).toBe("Team");
  });

  it("says what changed lately: of one kind the oldest and the newest, and nothing that was undone", () => {
    const was = (kind: "displayName" | "email", value: string, day: string) =>
      ({ kind, value, until: `2026-03-${day}T09:00:00.000Z` }) as const;
    expect(formerText(ada)).toBe("");
    expect(principalWithFormerText(ada)).toBe(principalText(ada));
    const changed = {
      ...ada,
      former: [
        was("displayName", "Eve", "01"),
        was("displayName", "Mallory", "02"),
        was("displayName", "Trudy", "03"),
        was("displayName", "Ada", "04"),
        was("email", "eve@example.com", "05"),
      ],
    };
    const text = formerText(changed);
    expect(text).toContain(`Named ${isolated("Eve")} until`);
    expect(text).toContain(`Named ${isolated("Trudy")} until`);
    expect(text).toContain(`, Address ${isolated("eve@example.com")} until`);
    expect(text).not.toContain("Mallory");
    expect(text).not.toContain(isolated("Ada"));
    expect(principalWithFormerText(changed)).toBe(`${principalText(changed)}. ${text}`);
  });
});
