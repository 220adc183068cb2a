"use server";

import { z } from "zod";
import { linkPassDays } from "@/lib/domain/people/identity-link";
import { isolated } from "@/lib/domain/text/visible-text";
import { makeToken } from "@/lib/identity/passwords/password-ticket";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { knownId, optionalText } from "@/lib/web/form-fields";
import { providerNamed, providerOf } from "./configured";

const newLink = z.object({
  principalId: knownId("user"),
  provider: z.string("Choose a provider.").max(40),
  justification: optionalText,
});
const oldLink = z.object({
  principalId: knownId("user"),
  linkId: knownId("link"),
  justification: optionalText,
});

export const prepareLink = challengeAction({
  shape: newLink,
  operation({ principalId, provider }) {
    const issuer = providerOf(provider)?.issuer;
    return issuer === undefined ? null : { kind: "LinkIdentity", principalId, issuer };
  },
});
export const prepareUnlink = challengeAction({
  shape: oldLink,
  operation: ({ principalId, linkId }) => ({ kind: "UnlinkIdentity", principalId, linkId }),
});

/**
 * Issues the right to link an identity. A link for oneself goes to the provider at once; one for another person
 * is shown once.
 */
export const issueLink = provedAction({
  shape: newLink,
  async run({ caller, configuration, database, proofId }, { provider: id, ...fields }) {
    const provider = providerOf(id);
    if (!provider) return { ok: false, error: { code: "InvalidInput", faults: [unknownProvider] } };
    const { token, tokenHash } = makeToken();
    const input = { ...fields, provider, tokenHash, proofId };
    const result = await issueIdentityLink(database, caller, input);
    if (!result.ok) return result;
    const own = fields.principalId === caller.userId;
    return { ok: true, own, provider, token, publicUrl: configuration.publicUrl };
  },
  done({ own, provider, token, publicUrl }) {
    if (own)
      return {
        ok: true,
        message: `Go to ${isolated(provider.name)}.`,
        next: `/api/auth/signin/${provider.id}?pass=${token}`,
      };
    const hint = `Valid once, within ${linkPassDays} days. Whoever opens it links their account at ${isolated(provider.name)} to this person. Copy it now and hand it over safely: it is not shown again.`;
    const secret = {
      label: `Link to ${isolated(provider.name)}`,
      value: `${publicUrl}/sign-in?link=${token}`,
      hint,
    };
    return { ok: true, message: "The link is issued.", secret };
  },
});

const unknownProvider = { field: "provider", message: "This provider no longer exists." };

/** Removes a link, and ends the sessions that it began. */
export const unlink = provedAction({
  shape: oldLink,
  async run({ caller, database, proofId }, fields) {
    const link = await database.client.identityLink.findUnique({
      where: { id: fields.linkId },
      select: { issuer: true },
    });
    const provider = providerNamed(link?.issuer ?? "");
    return removeIdentityLink(database, caller, { ...fields, provider, proofId });
  },
  done: ({ endedSessions }) => `Unlinked. Sessions ended: ${endedSessions}.`,
});
