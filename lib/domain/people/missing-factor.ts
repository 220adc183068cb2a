/** Which second factor a person lacks: any at all, one that is accepted for something, or another one beside an app. */
export const missingFactors = {
  Any: "None",
  Own: "No app or passkey",
  NoApp: "Only an app",
  OnlyApp: "An app and no recovery codes",
  PhishingResistant: "None that is phishing-resistant",
} as const;
export type MissingFactor = keyof typeof missingFactors;

/** How many people lack one. */
export type PeopleWithout = Readonly<Record<MissingFactor, number>>;

/** The address of the list of people who lack one. */
export function peopleWithoutAddress(missing: MissingFactor): string {
  return `/people?factor=${missing}`;
}
