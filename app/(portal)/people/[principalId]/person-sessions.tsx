import { SessionTable } from "@/components/people/session-table";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { Section } from "@/components/ui/section";
import { browserInWords } from "@/lib/domain/people/browser";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { sessionsOfPerson } from "@/lib/queries/people/sessions";
import { providerNamed } from "../../account/security/providers/configured";
import { endPersonSessionsAction } from "./actions";

/** Where somebody is signed in, for administrators who may end it. Empty for others. */
export async function PersonSessions({ caller, person }: { caller: Caller; person: PrincipalIdentity }) {
  const sessions = await sessionsOfPerson(application().database, caller, person.id);
  if (sessions === null) return null;
  return (
    <Section
      id="sessions-heading"
      title="Sessions"
      className="mt-6"
      aside={
        sessions.length === 0 ? null : (
          <ConfirmButton
            label="End all"
            subject="sessions"
            confirmLabel="End all sessions"
            title={`End all sessions of ${principalText(person)}`}
            description="They are signed out everywhere at once, and notified. What they can do after signing in again stays as it is."
            submit={endPersonSessionsAction}
            fields={{ principalId: person.id }}
          >
            <TextAreaField label="Justification" name="justification" maxLength={2000} />
          </ConfirmButton>
        )
      }
    >
      {sessions.length === 0 ? (
        <p className="text-muted">Not signed in anywhere.</p>
      ) : (
        <SessionTable
          sessions={sessions}
          providerNamed={providerNamed}
          action={({ id, userAgent, ipAddress }) => (
            <ConfirmButton
              label="End"
              subject={`the session in ${browserInWords(userAgent)} from ${ipAddress}`}
              confirmLabel="End session"
              title={`End a session of ${principalText(person)}`}
              description={`They are signed out in ${browserInWords(userAgent)}, address ${ipAddress}, and notified.`}
              submit={endPersonSessionsAction}
              fields={{ principalId: person.id, sessionId: id }}
            >
              <TextAreaField label="Justification" name="justification" maxLength={2000} />
            </ConfirmButton>
          )}
        />
      )}
    </Section>
  );
}
