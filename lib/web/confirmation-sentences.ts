import type { ConfirmationFaultName } from "@/lib/web/confirmation-faults";

/** What went wrong, and what to do. `name` is the provider's. */
export function confirmationSentence(fault: ConfirmationFaultName, name: string): string {
  switch (fault) {
    case "OtherPerson":
      return `You signed in at ${name} as somebody who is not linked to your account here. Nothing was confirmed.`;
    case "NotFresh":
      return `${name} did not ask you to sign in once more, or its clock is wrong. Nothing was confirmed. If this keeps happening, tell an administrator.`;
    case "OtherWay":
      return `You signed in at ${name} in a way that does not count here. Nothing was confirmed. Use your second factor there.`;
    case "OtherChallenge":
    case "Nonsense":
      return `${name} gave an answer that Postern cannot accept. Nothing was confirmed. Try again. If this keeps happening, tell an administrator.`;
    case "NotBegun":
      return "This took too long, was already confirmed, or was not begun in this session. Start again.";
    case "Declined":
      return `You did not sign in at ${name}. Nothing was confirmed.`;
    case "Unreachable":
      return `${name} does not answer at the moment. Try again in a few minutes, or use another factor.`;
    case "Busy":
      return "Many people are signing in at the moment. Try again in a few seconds.";
    case "SignedOut":
      return "You are signed out here. Nothing was confirmed. Sign in again in another tab, and confirm once more: what you typed is still in the form.";
  }
}
