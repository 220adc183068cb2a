/** How many hours a one-time pass may be valid: from one to three days. */
export const passHours = { least: 1, most: 72, usual: 24 } as const;
/** How long the set-up address counts as the first Owner's pass. */
export const setUpPassHours = passHours.most;

/** Who may enrol a first factor, the strictest first. */
export const firstFactorRules = {
  OneTimePass: "With a one-time pass from an administrator",
  ProviderSecondFactor: "With a one-time pass, or after a sign-in with a provider's second factor",
  AnyoneSignedIn: "Anyone signed in",
} as const;
export type FirstFactorRule = keyof typeof firstFactorRules;

export function isFirstFactorRule(text: string): text is FirstFactorRule {
  return Object.hasOwn(firstFactorRules, text);
}

/** A typed pass in the form in which it is compared: hyphens, spaces and capitals do not matter. */
export function typedPass(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** The token of a set-up address, pasted whole or by itself. */
export function setUpTokenOf(text: string): string {
  return /[?&]token=([\w-]+)/.exec(text)?.[1] ?? text.trim();
}
