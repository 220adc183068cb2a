import { IdentityLinkList } from "@/components/people/identity-link-list";
import { LinkOwnIdentity, UnlinkIdentity } from "@/components/people/identity-links";
import { Name } from "@/components/ui/name";
import { Section } from "@/components/ui/section";
import { mostIdentityLinks } from "@/lib/domain/people/identity-link";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { identityLinksOf } from "@/lib/queries/people/identity-links";
import { providerFault, providerSentence } from "@/lib/web/provider-sentences";
import { issueLink, prepareLink, prepareUnlink, unlink } from "./actions";
import { providerNamed, providerOf } from "./configured";

/** The address's parameters about a round trip to the provider. */
export interface ProviderOutcome {
  readonly provider?: string;
  readonly fault?: string;
  readonly linked?: string;
}

/** The reader's accounts at identity providers. Empty if there are neither links nor providers. */
export async function OwnLinks(props: { caller: Caller; hasFactor: boolean; outcome: ProviderOutcome }) {
  const { configuration, database } = application();
  const links = await identityLinksOf(database, props.caller, props.caller.userId);
  const providers = configuration.identityProviders;
  if (links.length === 0 && providers.length === 0) return null;
  // A link that a directory or an administrator created can be made again with a code. Then it counts like one that the
  // person made.
  const unlinked = providers.filter(
    ({ issuer }) => !links.some((link) => link.issuer === issuer && !link.unconfirming),
  );
  const shared = { principalId: props.caller.userId, hasFactor: props.hasFactor };
  const fault = providerFault(props.outcome.fault);
  const meant = providerOf(props.outcome.provider ?? "");
  const linked = providerOf(props.outcome.linked ?? "");
  return (
    <Section id="providers-heading" title="Identity providers">
      <div className="card grid gap-4">
        {fault && meant ? (
          <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
            {providerSentence(fault, isolated(meant.name))}
          </p>
        ) : null}
        {linked ? (
          <p role="status" className="rounded-md bg-sunken px-3 py-2">
            <Name of={linked.name} /> is linked. You can sign in with it from now on.
          </p>
        ) : null}
        {links.length > 0 ? (
          <IdentityLinkList
            links={links}
            nameOf={providerNamed}
            action={(link) => (
              <UnlinkIdentity
                {...shared}
                linkId={link.id}
                provider={providerNamed(link.issuer)}
                submit={unlink}
                prepare={prepareUnlink}
                returnPath="/account/security"
              />
            )}
          />
        ) : (
          <p className="text-muted">
            You sign in with your password. Link your account at a provider to use it instead.
          </p>
        )}
        {links.length < mostIdentityLinks && unlinked.length > 0 ? (
          <div className="flex flex-wrap gap-3 border-t border-line pt-4">
            {unlinked.map(({ id, name }) => (
              <LinkOwnIdentity
                key={id}
                {...shared}
                provider={{ id, name }}
                submit={issueLink}
                prepare={prepareLink}
              />
            ))}
          </div>
        ) : null}
      </div>
    </Section>
  );
}
