import { Moment } from "@/components/ui/moment";
import { TableRegion } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OpenSession } from "@/lib/queries/people/sessions";
import { browserInWords } from "@/lib/web/browser-name";

const methodWords = { Password: "Password", Passkey: "Passkey", IdentityProvider: "Identity provider" };

/** Open sessions, each with what can be done about it (`action`). */
export function SessionTable(props: {
  readonly sessions: readonly OpenSession[];
  readonly providerNamed: (issuer: string) => string;
  readonly action: (session: OpenSession) => React.ReactNode;
}) {
  return (
    <TableRegion
      label="Open sessions"
      head={["Browser", "Address", "Signed in", "Signed in by", "Last used", "Action"]}
    >
      {props.sessions.map((session) => (
        <tr key={session.id}>
          <td title={session.userAgent} className="wrap-anywhere">
            {browserInWords(session.userAgent)}
          </td>
          <td>{session.ipAddress}</td>
          <td>
            <Moment value={session.createdAt} />
          </td>
          <td className="wrap-anywhere">
            {session.issuer ? isolated(props.providerNamed(session.issuer)) : methodWords[session.method]}
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
