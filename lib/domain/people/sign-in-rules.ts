import { type FirstFactorRule, firstFactorRules, isFirstFactorRule } from "@/lib/domain/people/factor-pass";
import { nameFault } from "@/lib/domain/text/names";
import { minutesInWords } from "@/lib/domain/time/schedule";

/** Whose passwords count, in the words of the page. */
export const localPasswordRules = {
  Everyone: "Everybody",
  BreakGlassOnly: "Break-glass accounts only",
} as const;
export type LocalPasswords = keyof typeof localPasswordRules;

/** The organisation's rules for signing in and for factors (docs/decisions/sign-in-rules.md). */
export interface SignInRules {
  /** The name that an authenticator app shows beside the account. */
  readonly installationName: string;
  /** How many hours after the sign-in a session ends. */
  readonly sessionHours: number;
  /** After how many minutes without use a session ends. */
  readonly idleMinutes: number;
  /** Whether authenticator apps count, including their codes and recovery codes. */
  readonly authenticatorAppsConfirm: boolean;
  /** Whether a recovery code confirms a protected operation. */
  readonly recoveryCodesConfirm: boolean;
  readonly minimumPasswordLength: number;
  /** Whose passwords can be used to sign in, and count as proof. */
  readonly localPasswords: LocalPasswords;
  /** Who may enrol a first factor. */
  readonly firstFactor: FirstFactorRule;
  /** After how many hours a first factor counts for protected operations. */
  readonly factorWaitsHours: number;
  /** Whether signing in with a password requires a second factor too. */
  readonly signInTakesTwo: boolean;
  /** After how many hours a reset of somebody's factors takes effect. Until then they can stop it. */
  readonly resetDelayHours: number;
  /** Whether a second administrator must confirm a reset. */
  readonly resetTakesTwo: boolean;
}

/** The text wherever a code of an app is entered, or an app set up, if the rules exclude apps. */
export const noAppsAccepted =
  "Your organisation does not accept authenticator apps. Use a passkey, or your identity provider where it is offered.";

export const signInLimits = {
  installationName: 60,
  sessionHours: { least: 1, most: 24 },
  idleMinutes: { least: 15, most: 720 },
  minimumPasswordLength: { least: 12, most: 64 },
  factorWaitsHours: { least: 0, most: 72 },
  resetDelayHours: { least: 0, most: 72 },
} as const;

interface Row {
  readonly label: string;
  readonly inWords: (rules: SignInRules) => string;
}

const hoursOrAtOnce = (hours: number) => (hours === 0 ? "At once" : minutesInWords(hours * 60));

/** Each rule with the label of its field and its value in words, in the order of the page. */
const rows: Readonly<Record<keyof SignInRules, Row>> = {
  installationName: { label: "Name in authenticator apps", inWords: (rules) => rules.installationName },
  firstFactor: {
    label: "Who may enrol a first factor",
    inWords: (rules) => firstFactorRules[rules.firstFactor],
  },
  factorWaitsHours: {
    label: "A first factor counts after",
    inWords: (rules) => hoursOrAtOnce(rules.factorWaitsHours),
  },
  signInTakesTwo: {
    label: "Require a second factor with a password",
    inWords: (rules) => (rules.signInTakesTwo ? "Yes" : "No"),
  },
  resetDelayHours: {
    label: "A reset takes effect after",
    inWords: (rules) => hoursOrAtOnce(rules.resetDelayHours),
  },
  resetTakesTwo: {
    label: "A second administrator confirms a reset",
    inWords: (rules) => (rules.resetTakesTwo ? "Yes" : "No"),
  },
  sessionHours: {
    label: "A session lasts at most",
    inWords: (rules) => minutesInWords(rules.sessionHours * 60),
  },
  idleMinutes: {
    label: "A session ends without use after",
    inWords: (rules) => minutesInWords(rules.idleMinutes),
  },
  authenticatorAppsConfirm: {
    label: "Accept authenticator apps",
    inWords: (rules) => (rules.authenticatorAppsConfirm ? "Yes" : "No"),
  },
  recoveryCodesConfirm: {
    label: "Accept recovery codes",
    inWords: (rules) => (rules.recoveryCodesConfirm ? "Yes" : "No"),
  },
  localPasswords: {
    label: "Who may sign in with a password",
    inWords: (rules) => localPasswordRules[rules.localPasswords],
  },
  minimumPasswordLength: {
    label: "Shortest password",
    inWords: (rules) => `${rules.minimumPasswordLength} characters`,
  },
};

/** The names of the rules, in the order of the page. */
export const signInRuleNames = Object.keys(rows) as readonly (keyof SignInRules)[];

export function signInRuleLabel(name: keyof SignInRules): string {
  return rows[name].label;
}

/** Every rule by its label, in words. */
export function signInRulesInWords(rules: SignInRules): Record<string, string> {
  return Object.fromEntries(signInRuleNames.map((name) => [rows[name].label, rows[name].inWords(rules)]));
}

/** The rules that differ, each by its label with both values in words. */
export function changedSignInRules(before: SignInRules, after: SignInRules) {
  return signInRuleNames
    .filter((name) => before[name] !== after[name])
    .map((name) => ({
      label: rows[name].label,
      before: rows[name].inWords(before),
      after: rows[name].inWords(after),
    }));
}

const between = (value: number, { least, most }: { least: number; most: number }) =>
  Number.isInteger(value) && value >= least && value <= most;

/** Every invalid rule, with its field and what would be right. */
export function signInRulesFaults(rules: SignInRules): { field: keyof SignInRules; message: string }[] {
  const faults: { field: keyof SignInRules; message: string }[] = [];
  const name = rules.installationName;
  const wrong = name.trim() === "" ? "Enter a name." : nameFault(name);
  if (wrong !== null) faults.push({ field: "installationName", message: wrong });
  else if ([...name].length > signInLimits.installationName || name.includes(":"))
    faults.push({ field: "installationName", message: "Write at most 60 characters, without a colon." });
  if (!between(rules.sessionHours, signInLimits.sessionHours))
    faults.push({ field: "sessionHours", message: "Choose from 1 to 24 whole hours." });
  if (!between(rules.idleMinutes, signInLimits.idleMinutes))
    faults.push({ field: "idleMinutes", message: "Choose from 15 to 720 whole minutes." });
  if (!isFirstFactorRule(rules.firstFactor))
    faults.push({ field: "firstFactor", message: "Choose who may enrol a first factor." });
  if (!between(rules.factorWaitsHours, signInLimits.factorWaitsHours))
    faults.push({ field: "factorWaitsHours", message: "Choose from 0 to 72 whole hours." });
  if (!between(rules.resetDelayHours, signInLimits.resetDelayHours))
    faults.push({ field: "resetDelayHours", message: "Choose from 0 to 72 whole hours." });
  if (!Object.hasOwn(localPasswordRules, rules.localPasswords))
    faults.push({ field: "localPasswords", message: "Choose who may sign in with a password." });
  if (!between(rules.minimumPasswordLength, signInLimits.minimumPasswordLength))
    faults.push({ field: "minimumPasswordLength", message: "Choose from 12 to 64 characters." });
  return faults;
}
