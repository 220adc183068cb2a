import type { Metadata } from "next";
import { DoorPage } from "@/components/shell/door-page";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { isolated } from "@/lib/domain/text/visible-text";
import { timeZones } from "@/lib/domain/time/time-zone";
import { secondFactorAwaited } from "@/lib/identity/sign-in/second-factor";
import { readSetUp } from "@/lib/identity/sign-in/set-up-progress";
import { application } from "@/lib/platform/application";
import { awaitingToken, requestOrigin } from "@/lib/web/request";
import { FactorStep, OrganisationStep, OwnerStep, PasswordAgain } from "./set-up-form";

export const metadata: Metadata = { title: "Set up" };

/** Sets Postern up in three steps: the organisation, the first Owner, the Owner's factor. It continues where it stopped. */
export default async function SetUpPage({
  searchParams,
}: {
  searchParams: Promise<{ token?: string | string[]; rename?: string }>;
}) {
  const query = await searchParams;
  const token = typeof query.token === "string" ? query.token.slice(0, 200) : "";
  const { database } = application();
  const progress = await readSetUp(database, token);
  if (progress.step === "None")
    return progress.open ? (
      <DoorPage
        title="This is not a set-up address"
        about="Postern prints the address when it starts, until it is set up. Copy all of it."
      />
    ) : (
      <DoorPage
        title="Postern is set up"
        about="It has its first Owner. Sign in, or ask them for an account."
      >
        <a className="button w-full" href="/sign-in">
          Sign in
        </a>
      </DoorPage>
    );
  if (progress.step === "Factor") {
    const awaiting = await awaitingToken();
    const asked = awaiting && (await secondFactorAwaited(database, awaiting, await requestOrigin()));
    const { email } = progress;
    return asked?.email === email ? (
      <Step
        number={3}
        title="Your second factor"
        about={`Codes of an app confirm what ${isolated(email)} does.`}
      >
        <FactorStep token={token} email={email} />
      </Step>
    ) : (
      <Step number={3} title="Your second factor" about="Type your password to continue where you left it.">
        <PasswordAgain token={token} email={email} />
      </Step>
    );
  }
  const { organisation, timeZone, owner } = progress.about;
  if (progress.step === "Organisation" || query.rename === "1")
    return (
      <Step number={1} title="Your organisation" about="Both can be changed later, under Organisation.">
        <OrganisationStep
          token={token}
          organisation={progress.step === "Owner" ? organisation : ""}
          timeZone={timeZone}
          timeZones={timeZones}
        />
      </Step>
    );
  const { minimumPasswordLength } = await readSignInRules(database.client);
  return (
    <Step
      number={2}
      title="The first Owner"
      about={
        <>
          This account holds Owner of {isolated(organisation)} permanently.{" "}
          <a href={`/set-up?token=${encodeURIComponent(token)}&rename=1`}>Change the name</a>
        </>
      }
    >
      <OwnerStep token={token} shortest={minimumPasswordLength} owner={owner} />
    </Step>
  );
}

function Step(props: {
  number: 1 | 2 | 3;
  title: string;
  about: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <DoorPage
      title={props.title}
      about={
        <>
          <span className="mb-2 block text-sm">Set-up, step {props.number} of 3</span>
          {props.about}
        </>
      }
    >
      {props.children}
    </DoorPage>
  );
}
