import { FormerNames } from "@/components/ui/former-names";
import { Moment } from "@/components/ui/moment";
import { Breaking } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { formerOf, type PrincipalIdentity } from "@/lib/domain/people/principal-identity";

const signInWords = {
  Password: "Password",
  OneTimePassword: "One-time password, not changed yet",
  Invitation: "Invitation, not used yet",
  None: "None yet",
};

const rowOf = (label: string, value: Date | null): [string, React.ReactNode][] =>
  value === null ? [] : [[label, <Moment key={label} value={value} />]];

/** The details of a principal. */
export function PersonFacts({
  person,
}: {
  person: {
    type: PrincipalType;
    email: string | null;
    identity: PrincipalIdentity;
    externalId: string | null;
    manager: PrincipalIdentity | null;
    createdAt: Date;
    disabledAt: Date | null;
    authenticatorSince: Date | null;
    appsAccepted: boolean;
    passkeys: number;
    passUntil: Date | null;
    factorFrom: Date | null;
    signIn: keyof typeof signInWords;
    openSessions: number;
    lastSeenAt: Date | null;
  };
}) {
  const rows: [string, React.ReactNode][] = [
    ["External id", person.externalId ? <code key="external">{person.externalId}</code> : "–"],
    ["Created", <Moment key="created" value={person.createdAt} />],
  ];
  if (person.disabledAt) rows.push(["Disabled", <Moment key="disabled" value={person.disabledAt} />]);
  if (person.type === "User") {
    rows.unshift(
      ["Email", person.email ? <Breaking key="email" text={person.email} /> : null],
      ...(formerOf(person.identity).length > 0
        ? [
            ["Changed recently", <FormerNames key="former" of={person.identity} />] as [
              string,
              React.ReactNode,
            ],
          ]
        : []),
      [
        "Manager",
        person.manager ? (
          <PrincipalName key="manager" of={person.manager} href={`/people/${person.manager.id}`} inline />
        ) : (
          "–"
        ),
      ],
    );
    rows.push(
      ["Sign-in", signInWords[person.signIn]],
      [
        "Authenticator app",
        person.authenticatorSince ? (
          <span key="app">
            <Moment value={person.authenticatorSince} />
            {person.appsAccepted ? null : " (not accepted)"}
          </span>
        ) : (
          "Not set up"
        ),
      ],
      ["Passkeys", person.passkeys === 0 ? "None" : person.passkeys],
      ...rowOf("Factor counts from", person.factorFrom),
      ...rowOf("One-time pass until", person.passUntil),
      ["Open sessions", person.openSessions],
      ["Last seen", person.lastSeenAt ? <Moment key="seen" value={person.lastSeenAt} /> : "Never"],
    );
  }
  return (
    <dl>
      {rows.map(([label, value]) => (
        <div
          key={label}
          className="grid grid-cols-[6.5rem_minmax(0,1fr)] sm:grid-cols-[9rem_minmax(0,1fr)] gap-2 border-b border-line py-1.5 last:border-0"
        >
          <dt className="text-muted">{label}</dt>
          <dd className="wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
