import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import { clockSkewSeconds, type ProviderWays, wayIn } from "@/lib/domain/people/provider-ways";

/** Why a provider's answer confirms nothing. */
export type AnswerFault = "OtherChallenge" | "OtherPerson" | "NotFresh" | "OtherWay";

interface Asked extends ProviderWays {
  readonly nonce: string;
  /** The provider's subject for the person. */
  readonly subject: string;
  /** When the person was sent there, and when the answer was read, by the database's clock. */
  readonly begunAt: Date;
  readonly now: Date;
}

/**
 * What a verified ID token proves about a step-up, or why it proves nothing. It must have been requested by this
 * challenge, be about the linked subject, name one of the configured ways to sign in, and say that the person signed
 * in after they were sent there. The time is judged twice. By the database's clock, with the allowed skew. And by the
 * provider's own clock alone: the time from that sign-in to the token cannot be longer than the whole round trip,
 * give or take the second to which both times are rounded.
 */
export function judgeProviderAnswer(
  claims: Readonly<Record<string, unknown>>,
  asked: Asked,
):
  | { readonly ok: true; readonly method: StepUpMethod; readonly acr: string; readonly authTime: number }
  | { readonly ok: false; readonly fault: AnswerFault } {
  const { nonce, sub, auth_time: authTime, iat } = claims;
  const acr = wayIn(claims, asked);
  if (nonce !== asked.nonce) return { ok: false, fault: "OtherChallenge" };
  if (sub !== asked.subject) return { ok: false, fault: "OtherPerson" };
  if (acr === null) return { ok: false, fault: "OtherWay" };
  if (typeof authTime !== "number" || typeof iat !== "number") return { ok: false, fault: "NotFresh" };
  const begun = Math.floor(asked.begunAt.getTime() / 1_000);
  const underWay = Math.ceil((asked.now.getTime() - asked.begunAt.getTime()) / 1_000);
  if (authTime < begun - clockSkewSeconds || iat - authTime > underWay + 1)
    return { ok: false, fault: "NotFresh" };
  const method = asked.phishingResistant.includes(acr) ? "PhishingResistantProvider" : "IdentityProvider";
  return { ok: true, method, acr, authTime };
}
