import { IdentityLinkList } from "@/components/people/identity-link-list";
import { UnlinkIdentity } from "@/components/people/identity-links";
import { IssueIdentityLink } from "@/components/people/person-actions";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { identityLinksOf } from "@/lib/queries/people/identity-links";
import { issueLink, prepareLink, prepareUnlink, unlink } from "../../account/security/providers/actions";
import { providerNamed } from "../../account/security/providers/configured";

/** The accounts at identity providers with which somebody signs in. Empty if there are none. */
export async function PersonLinks(props: {
  caller: Caller;
  person: { readonly id: string; readonly mayWrite: boolean; readonly own: boolean };
  hasFactor: boolean;
}) {
  const { person } = props;
  const links = await identityLinksOf(application().database, props.caller, person.id);
  if (links.length === 0) return null;
  return (
    <section className="card">
      <h2 className="mb-2">Identity providers</h2>
      <IdentityLinkList
        links={links}
        nameOf={providerNamed}
        action={(link) =>
          person.mayWrite && !person.own ? (
            <UnlinkIdentity
              principalId={person.id}
              hasFactor={props.hasFactor}
              linkId={link.id}
              provider={providerNamed(link.issuer)}
              submit={unlink}
              prepare={prepareUnlink}
              returnPath={`/people/${person.id}`}
            >
              <TextAreaField label="Justification" name="justification" maxLength={2000} />
            </UnlinkIdentity>
          ) : null
        }
      />
    </section>
  );
}

/** Issues a link to a provider. Empty if none is configured. */
export function IssueLink(props: { principal: PrincipalIdentity; hasFactor: boolean }) {
  const providers = application().configuration.identityProviders.map(({ id, name }) => ({ id, name }));
  if (providers.length === 0) return null;
  return <IssueIdentityLink {...props} providers={providers} submit={issueLink} prepare={prepareLink} />;
}
