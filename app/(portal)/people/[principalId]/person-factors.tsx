import { PersonReset } from "@/components/people/factor-reset";
import { IssueFactorPass, ResetAuthenticator, RevokeFactorPass } from "@/components/people/person-actions";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { resetInWords } from "@/lib/domain/people/factor-reset";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import type { Person } from "@/lib/queries/people/person";
import { prepareReset, resetApp } from "../actions";
import {
  confirmReset,
  preparePass,
  prepareResetConfirmation,
  revokePass,
  submitPass,
  withdrawReset,
} from "./actions";

/** An administrator's actions on the factors of another person: allow a first one to be enrolled, or reset them all. */
export async function FactorActions({ person, hasFactor }: { person: Person; hasFactor: boolean }) {
  const { identity: principal, passUntil } = person;
  const shared = { principal, hasFactor };
  const has = person.authenticatorSince !== null || person.passkeys > 0;
  const counts = (person.authenticatorSince !== null && person.appsAccepted) || person.passkeys > 0;
  const effect = resetInWords(await readSignInRules(application().database.client));
  return (
    <>
      {!counts && person.disabledAt === null ? (
        <IssueFactorPass {...shared} submit={submitPass} prepare={preparePass} />
      ) : null}
      {passUntil ? <RevokeFactorPass {...shared} submit={revokePass} prepare={preparePass} /> : null}
      {has && person.reset === null ? (
        <ResetAuthenticator {...shared} effect={effect} submit={resetApp} prepare={prepareReset} />
      ) : null}
    </>
  );
}

/** The waiting reset of a person's factors, for administrators. Empty if there is none. */
export function WaitingPersonReset(props: { caller: Caller; person: Person; hasFactor: boolean }) {
  const { caller, person, hasFactor } = props;
  if (person.reset === null || !person.mayWrite || person.own) return null;
  return (
    <PersonReset
      key={person.reset.id}
      principal={person.identity}
      hasFactor={hasFactor}
      reset={person.reset}
      canConfirm={person.reset.dueAt === null && person.reset.askedBy.id !== caller.userId}
      confirm={confirmReset}
      prepare={prepareResetConfirmation}
      withdraw={withdrawReset}
    />
  );
}
