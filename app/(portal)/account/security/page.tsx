import type { Metadata } from "next";
import { EnrolForm } from "@/components/people/enrol-form";
import { RecoveryCodesForm, RemoveForm } from "@/components/people/factor-forms";
import { PasswordForm } from "@/components/people/password-form";
import { Moment } from "@/components/ui/moment";
import { PageHeader, TableRegion } from "@/components/ui/page-parts";
import { readFactors } from "@/lib/identity/authenticator";
import { listSessions } from "@/lib/identity/sessions";
import { application } from "@/lib/platform/application";
import { browserInWords } from "@/lib/web/browser-name";
import { requireCaller } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import {
  beginAuthenticator,
  confirmAuthenticator,
  endSessions,
  newRecoveryCodes,
  prepareRecoveryCodes,
  prepareRemoval,
  prepareReplacement,
  removeApp,
  submitPassword,
} from "./actions";

export const metadata: Metadata = { title: "Security" };

export default async function SecurityPage({
  searchParams,
}: {
  searchParams: Promise<{ return?: string; replace?: string }>;
}) {
  const caller = await requireCaller();
  const { database } = application();
  const query = await searchParams;
  const [{ factor, recoveryCodesLeft }, sessions] = await Promise.all([
    readFactors(database, caller),
    listSessions(database, caller),
  ]);
  const enrolling = !factor || query.replace === "1";
  const next = query.return ? safeReturnPath(query.return) : "/account/security";
  const password = (
    <section className="card">
      <h2 className="mb-2">Password</h2>
      <p className="mb-4 text-muted">Changing your password ends your other sessions.</p>
      <PasswordForm submit={submitPassword} email={caller.email} />
    </section>
  );
  return (
    <>
      <PageHeader
        title="Security"
        description="Your password, authenticator app, recovery codes and sessions."
      />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 xl:grid-cols-2">
        <div className="grid gap-5">
          <section className="card">
            <h2 className="mb-2">Authenticator app</h2>
            {factor ? (
              <div className="flex flex-wrap items-center gap-3 not-last:mb-4">
                <p className="grow">
                  In use since <Moment value={factor.confirmedAt} />.
                </p>
                <a className="button" href="/account/security?replace=1">
                  Replace
                </a>
                <RemoveForm submit={removeApp} prepare={prepareRemoval} />
              </div>
            ) : (
              <p className="mb-4 text-muted">
                Not set up. Roles that require a second factor ask for a code from it.
              </p>
            )}
            {enrolling ? (
              <EnrolForm
                begin={beginAuthenticator}
                confirm={confirmAuthenticator}
                prepare={prepareReplacement}
                hasFactor={factor !== null}
                email={caller.email}
                next={next}
              />
            ) : null}
          </section>
          {factor ? password : null}
        </div>
        {factor ? (
          <section className="card">
            <h2 className="mb-2">Recovery codes</h2>
            <p className="mb-4">
              {recoveryCodesLeft === 0 ? "None left." : `${recoveryCodesLeft} left. New codes replace these.`}
            </p>
            <RecoveryCodesForm submit={newRecoveryCodes} prepare={prepareRecoveryCodes} />
          </section>
        ) : (
          password
        )}
        <section className="xl:col-span-2">
          <div className="mb-2 flex items-center gap-3">
            <h2 className="grow">Sessions</h2>
            <form action={endSessions}>
              <button type="submit" className="button">
                End all other sessions
              </button>
            </form>
          </div>
          <TableRegion label="Sessions" head={["Signed in", "Last used", "Address", "Browser", "Action"]}>
            {sessions.map((session) => (
              <tr key={session.id}>
                <td>
                  <Moment value={session.createdAt} />
                </td>
                <td>
                  <Moment value={session.lastSeenAt} />
                </td>
                <td>{session.ipAddress}</td>
                <td title={session.userAgent} className="wrap-anywhere">
                  {browserInWords(session.userAgent)}
                </td>
                <td>
                  {session.id === caller.sessionId ? (
                    <span className="badge badge-accent">This session</span>
                  ) : (
                    <form action={endSessions}>
                      <input type="hidden" name="sessionId" value={session.id} />
                      <button type="submit" className="button">
                        End session
                      </button>
                    </form>
                  )}
                </td>
              </tr>
            ))}
          </TableRegion>
        </section>
      </div>
    </>
  );
}
