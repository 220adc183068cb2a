import { Moment } from "@/components/ui/moment";
import { TableRegion } from "@/components/ui/page-parts";
import { browserInWords } from "@/lib/domain/people/browser";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OpenSession } from "@/lib/queries/people/sessions";

const methods = { Password: "Password", Passkey: "Passkey", IdentityProvider: "Identity provider" };

/** How somebody signed in: through a provider, by its name if it is known. */
export function methodInWords(method: keyof typeof methods, provider: string | null): string {
  return provider ? isolated(provider) : methods[method];
}

/** Open sessions, each with what can be done about it (`action`). */
export function SessionTable(props: {
  readonly sessions: readonly OpenSession[];
  readonly providerNamed: (issuer: string) => string;
  readonly action: (session: OpenSession) => React.ReactNode;
}) {
  return (
    <TableRegion label="Browsers with an open session" head={["Browser", "Signed in", "Last used", "Action"]}>
      {props.sessions.map((session) => (
        <tr key={session.id}>
          <td title={session.userAgent} className="min-w-40 wrap-anywhere">
            {browserInWords(session.userAgent)}
            <span className="block text-muted">{session.ipAddress}</span>
          </td>
          <td className="wrap-anywhere">
            <Moment value={session.createdAt} />
            <span className="block text-muted">
              {methodInWords(session.method, session.issuer && props.providerNamed(session.issuer))}
            </span>
          </td>
          <td>
            <Moment value={session.lastSeenAt} />
          </td>
          <td>{props.action(session)}</td>
        </tr>
      ))}
    </TableRegion>
  );
}
