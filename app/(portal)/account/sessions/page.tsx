import type { Metadata } from "next";
import { AccountHeader } from "@/components/people/account-header";
import { ProveAgain } from "@/components/people/prove-again";
import { SessionTable } from "@/components/people/session-table";
import { Section } from "@/components/ui/section";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { hasPassword, ownSessions } from "@/lib/queries/people/sessions";
import type { Query } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";
import { providerNamed } from "../security/providers/configured";
import { endSessions, prepareProof, proveWithFactor, proveWithPassword } from "./actions";
import { OwnSignIns } from "./own-sign-ins";

export const metadata: Metadata = { title: "Sessions" };

const path = "/account/sessions";

export default async function SessionsPage(props: { searchParams: Promise<Query> }) {
  const caller = await requireCaller();
  const query = await props.searchParams;
  const sessions = await ownSessions(application().database, caller);
  return (
    <>
      <AccountHeader at={path} description="Where you are signed in, and where you signed in before." />
      {sessions === null ? (
        <Proof caller={caller} />
      ) : (
        <Section
          id="sessions-heading"
          title="Open sessions"
          aside={
            sessions.length > 1 ? (
              <form action={endSessions}>
                <button type="submit" className="button">
                  End all other sessions
                </button>
              </form>
            ) : null
          }
        >
          <SessionTable
            sessions={sessions}
            providerNamed={providerNamed}
            action={({ id }) =>
              id === caller.sessionId ? (
                <span className="badge">This session</span>
              ) : (
                <form action={endSessions}>
                  <input type="hidden" name="sessionId" value={id} />
                  <button type="submit" className="button">
                    End session
                  </button>
                </form>
              )
            }
          />
        </Section>
      )}
      <OwnSignIns caller={caller} query={query} />
    </>
  );
}

/** Asks readers who signed in more than an hour ago to prove again who they are. */
async function Proof({ caller }: { caller: Caller }) {
  const { database } = application();
  const [password, factor] = await Promise.all([hasPassword(database, caller), ownsFactor(database, caller)]);
  return (
    <Section id="proof-heading" title="Confirm that it is you" className="max-w-lg">
      <div className="card grid gap-4">
        <p className="text-muted">
          You signed in more than an hour ago. Your sessions are shown for an hour after that.
        </p>
        <ProveAgain
          withPassword={password ? proveWithPassword : null}
          withFactor={factor ? { submit: proveWithFactor, prepare: prepareProof } : null}
          email={caller.email}
          returnPath={path}
        />
        {password || factor ? null : (
          <a className="button button-primary justify-self-start" href={`/sign-in?return=${path}`}>
            Sign in again
          </a>
        )}
      </div>
    </Section>
  );
}
