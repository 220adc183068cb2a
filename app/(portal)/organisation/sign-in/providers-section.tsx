import { Name } from "@/components/ui/name";
import { EmptyState } from "@/components/ui/page-parts";
import { Row, Rows, Section } from "@/components/ui/section";
import { isolated } from "@/lib/domain/text/visible-text";
import type { IdentityProvider } from "@/lib/platform/identity-providers";

/** The configured identity providers: who can sign in with each, and the addresses to register there. */
export function ProvidersSection(props: {
  providers: readonly IdentityProvider[];
  /** How many people are linked, by issuer. */
  linked: ReadonlyMap<string, number>;
  publicUrl: string;
}) {
  return (
    <Section id="identity-providers" title="Identity providers" className="mt-8 max-w-3xl">
      {props.providers.length === 0 ? (
        <EmptyState title="No identity providers">
          People sign in with a password or a passkey. A provider of OpenID Connect, such as Entra ID or
          Keycloak, is added in the configuration.
        </EmptyState>
      ) : (
        <>
          <p className="mb-3 text-muted">They are set in the configuration, and read at each start.</p>
          <Rows label="Identity providers">
            {props.providers.map((provider) => (
              <Row key={provider.id}>
                <p className="font-medium">
                  <Name of={provider.name} />
                </p>
                <p>{whoComes(provider, props.linked.get(provider.issuer) ?? 0)}</p>
                <dl className="mt-1 grid gap-x-4 text-muted sm:grid-cols-[max-content_minmax(0,1fr)]">
                  <Address label="Issuer" value={provider.issuer} />
                  <Address
                    label="Redirect address"
                    value={`${props.publicUrl}/api/auth/callback/${provider.id}`}
                  />
                  <Address
                    label="Back-channel logout"
                    value={`${props.publicUrl}/api/auth/back-channel/${provider.id}`}
                  />
                </dl>
              </Row>
            ))}
          </Rows>
        </>
      )}
    </Section>
  );
}

function Address({ label, value }: { label: string; value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd className="min-w-0">
        <code className="wrap-anywhere">{value}</code>
      </dd>
    </>
  );
}

function whoComes(provider: IdentityProvider, people: number): string {
  const { allowedDomains, linkByDirectory, stepUp, unknownPeople } = provider;
  return [
    people === 0
      ? "Nobody is linked yet."
      : people === 1
        ? "1 person is linked."
        : `${people} people are linked.`,
    ...(linkByDirectory ? [`The directory ${isolated(linkByDirectory)} links new joiners.`] : []),
    unknownPeople === "Refuse"
      ? "People who are not linked are refused."
      : "People who are not linked get an account without any access.",
    ...(allowedDomains.length > 0 ? [`Only addresses of ${allowedDomains.join(", ")}.`] : []),
    ...(stepUp ? ["It confirms operations that require a second factor."] : []),
  ].join(" ");
}
