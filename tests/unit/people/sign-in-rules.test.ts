import { describe, expect, it } from "vitest";
import {
  changedSignInRules,
  type SignInRules,
  signInRuleLabel,
  signInRuleNames,
  signInRulesFaults,
  signInRulesInWords,
} from "@/lib/domain/people/sign-in-rules";

const rules: SignInRules = {
  installationName: "Contoso",
  sessionHours: 12,
  idleMinutes: 90,
  authenticatorAppsConfirm: true,
  recoveryCodesConfirm: true,
  minimumPasswordLength: 14,
  localPasswords: "Everyone",
  firstFactor: "OneTimePass",
  factorWaitsHours: 0,
  signInTakesTwo: false,
  resetDelayHours: 24,
  resetTakesTwo: true,
};
const faultsOf = (change: Partial<SignInRules>) =>
  signInRulesFaults({ ...rules, ...change }).map(({ field }) => field);

describe("the rules for signing in", () => {
  it("are read in words, each by the label of its field", () => {
    expect(signInRulesInWords(rules)).toEqual({
      "Name in authenticator apps": "Contoso",
      "Who may enrol a first factor": "With a one-time pass from an administrator",
      "A first factor counts after": "At once",
      "Require a second factor with a password": "No",
      "A reset takes effect after": "24 hours",
      "A second administrator confirms a reset": "Yes",
      "A session lasts at most": "12 hours",
      "A session ends without use after": "1.5 hours",
      "Accept authenticator apps": "Yes",
      "Accept recovery codes": "Yes",
      "Who may sign in with a password": "Everybody",
      "Shortest password": "14 characters",
    });
    expect(
      signInRulesInWords({
        ...{
          ...rules,
          recoveryCodesConfirm: false,
          authenticatorAppsConfirm: false,
          signInTakesTwo: true,
          resetTakesTwo: false,
        },
        ...{ factorWaitsHours: 2, resetDelayHours: 0, localPasswords: "BreakGlassOnly" },
      }),
    ).toMatchObject({
      "A first factor counts after": "2 hours",
      "Require a second factor with a password": "Yes",
      "A reset takes effect after": "At once",
      "A second administrator confirms a reset": "No",
      "Accept authenticator apps": "No",
      "Accept recovery codes": "No",
      "Who may sign in with a password": "Break-glass accounts only",
    });
    expect(signInRuleNames.map(signInRuleLabel)).toEqual(Object.keys(signInRulesInWords(rules)));
  });

  it("say what a change makes of what", () => {
    expect(changedSignInRules(rules, rules)).toEqual([]);
    expect(changedSignInRules(rules, { ...rules, sessionHours: 1, resetTakesTwo: false })).toEqual([
      { label: "A second administrator confirms a reset", before: "Yes", after: "No" },
      { label: "A session lasts at most", before: "12 hours", after: "1 hour" },
    ]);
  });

  it("take the least and the most, and nothing beyond or between", () => {
    expect(faultsOf({})).toEqual([]);
    for (const [field, least, most] of [
      ["sessionHours", 1, 24],
      ["idleMinutes", 15, 720],
      ["factorWaitsHours", 0, 72],
      ["resetDelayHours", 0, 72],
      ["minimumPasswordLength", 12, 64],
    ] as const) {
      expect(faultsOf({ [field]: least }), field).toEqual([]);
      expect(faultsOf({ [field]: most }), field).toEqual([]);
      for (const wrong of [least - 1, most + 1, least + 0.5, Number.NaN])
        expect(faultsOf({ [field]: wrong }), `${field} ${wrong}`).toEqual([field]);
    }
  });

  it("take a name of at most sixty characters without a colon, which would end it in an app", () => {
    expect(faultsOf({ installationName: "😀".repeat(60) })).toEqual([]);
    for (const wrong of ["", "  ", "x".repeat(61), "Contoso: Postern", "\u200b", "a\u202eb"])
      expect(faultsOf({ installationName: wrong }), wrong).toEqual(["installationName"]);
  });

  it("take no word that they do not know", () => {
    expect(faultsOf({ firstFactor: "toString" as never })).toEqual(["firstFactor"]);
    expect(faultsOf({ localPasswords: "constructor" as never })).toEqual(["localPasswords"]);
  });
});
