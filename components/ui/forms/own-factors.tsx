"use client";

import { createContext, use } from "react";

/** Which second factors the reader has, and whether a passkey can be used at this address at all. */
export interface OwnFactors {
  readonly app: boolean;
  /** Whether authenticator apps are accepted at all. */
  readonly appsAccepted: boolean;
  readonly passkeys: boolean;
  readonly possible: boolean;
  /** The identity providers that confirm operations, and whether they do so in a phishing-resistant way. */
  readonly providers: readonly OwnProvider[];
}

export interface OwnProvider {
  readonly id: string;
  readonly name: string;
  readonly phishingResistant: boolean;
}

const Known = createContext<Promise<OwnFactors> | null>(null);
const appAlone: OwnFactors = {
  app: true,
  appsAccepted: true,
  passkeys: false,
  possible: false,
  providers: [],
};

/** Tells every form of a page which factors its reader has. */
export function OwnFactorsProvider(props: { factors: Promise<OwnFactors>; children: React.ReactNode }) {
  return <Known value={props.factors}>{props.children}</Known>;
}

/** The reader's factors. Without a provider: an authenticator app. */
export function useOwnFactors(): OwnFactors {
  const factors = use(Known);
  return factors === null ? appAlone : use(factors);
}

/** Which of somebody's factors would count. */
export function factorsFor(own: OwnFactors, phishingResistant: boolean) {
  return {
    app: own.app && !phishingResistant,
    passkeys: own.passkeys,
    providers: own.providers.filter((each) => each.phishingResistant || !phishingResistant),
  };
}
