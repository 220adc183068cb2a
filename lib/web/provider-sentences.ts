import { identityRefusals } from "@/lib/domain/people/identity-link";

/** Why a sign-in through a provider led to no session, as the address of the next page encodes it. */
export const providerFaults = [
  ...identityRefusals,
  ...(["Unreachable", "Nonsense", "Declined", "NotBegun", "Busy"] as const),
] as const;
export type ProviderFaultName = (typeof providerFaults)[number];

/** A fault that an address names; null for anything else. */
export function providerFault(text: unknown): ProviderFaultName | null {
  return providerFaults.find((each) => each === text) ?? null;
}

/** What went wrong, and what to do. `name` is the provider's. */
export function providerSentence(fault: ProviderFaultName, name: string): string {
  switch (fault) {
    case "Unknown":
      return `Nobody here is linked to your account at ${name}. Ask an administrator for a link, or sign in with your password and link it on the Factors page.`;
    case "Disabled":
      return "This account is disabled. Ask an administrator.";
    case "OtherDomain":
      return `${name} does not confirm an address in a domain that may sign in here. Sign in there with your work account.`;
    case "AddressTaken":
      return "Somebody here already has this address, and an address alone proves nothing. If it is you, sign in with your password and link the provider on the Factors page, or ask an administrator for a link.";
    case "NoAddress":
      return `${name} names no address for you that it has verified. Verify it there, or ask an administrator for an account.`;
    case "LinkedElsewhere":
      return `This account at ${name} is linked to somebody else here. Sign in there with another account, or ask an administrator.`;
    case "PassGone":
      return "This link is no longer valid, or was begun in another browser. Ask for a new one.";
    case "TooManyLinks":
      return "You have reached the limit of linked accounts. Unlink one first.";
    case "TooManyAccounts":
      return `${name} has sent very many new people within an hour, so no account is made for you yet. Try again in an hour, or ask an administrator for an account.`;
    case "Replayed":
    case "NotBegun":
      return "This sign-in was not begun in this browser, took longer than 15 minutes, or was already used. Start again.";
    case "Unreachable":
      return `${name} does not answer at the moment. Try again in a few minutes, or sign in with your password.`;
    case "Nonsense":
      return `${name} gave an answer that Postern cannot accept. Nothing was changed. Try again. If this keeps happening, tell an administrator.`;
    case "Declined":
      return `You were not signed in at ${name}. Nothing was changed.`;
    case "Busy":
      return "Many people are signing in at the moment. Try again in a few seconds.";
  }
}
