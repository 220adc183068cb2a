import Link from "next/link";
import { Moment } from "@/components/time/moment";
import type { PrincipalType } from "@/lib/domain/principal";

const signInWords = {
  Password: "Password",
  OneTimePassword: "One-time password, not changed yet",
  Invitation: "Invitation, not taken up yet",
  None: "None yet",
};

/** What a principal is, line by line. */
export function PersonFacts({
  person,
}: {
  person: {
    type: PrincipalType;
    email: string | null;
    externalId: string | null;
    managerId: string | null;
    managerName: string | null;
    createdAt: Date;
    disabledAt: Date | null;
    authenticatorSince: Date | null;
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
      ["Email", person.email],
      [
        "Manager",
        person.managerId ? (
          <Link key="manager" href={`/people/${person.managerId}`}>
            {person.managerName}
          </Link>
        ) : (
          "–"
        ),
      ],
    );
    rows.push(
      ["Sign-in", signInWords[person.signIn]],
      [
        "Authenticator app",
        person.authenticatorSince ? <Moment key="app" value={person.authenticatorSince} /> : "Not set up",
      ],
      ["Open sessions", person.openSessions],
      ["Last seen", person.lastSeenAt ? <Moment key="seen" value={person.lastSeenAt} /> : "Never"],
    );
  }
  return (
    <dl>
      {rows.map(([label, value]) => (
        <div
          key={label}
          className="grid grid-cols-[6.5rem_minmax(0,1fr)] sm:grid-cols-[9rem_minmax(0,1fr)] gap-3 border-b border-line py-1.5 last:border-0"
        >
          <dt className="text-muted">{label}</dt>
          <dd className="wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
