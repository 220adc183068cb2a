import type { Metadata } from "next";
import { AccountHeader } from "@/components/people/account-header";
import { TimesForm } from "@/components/preferences/times-form";
import { FormerNames } from "@/components/ui/former-names";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { Section } from "@/components/ui/section";
import { formerOf } from "@/lib/domain/people/principal-identity";
import { signInWays } from "@/lib/domain/people/sign-in-ways";
import { isolated } from "@/lib/domain/text/visible-text";
import { formatIn } from "@/lib/domain/time/moment-format";
import { timesIn, timesLanguageNames, timesLanguages } from "@/lib/domain/time/reader-times";
import { timeZones } from "@/lib/domain/time/time-zone";
import { zoneInWords } from "@/lib/domain/time/zone-names";
import { application } from "@/lib/platform/application";
import { ownProfile } from "@/lib/queries/people/own-profile";
import { chosenTimes, readerTimes } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { saveTimes } from "./actions";

export const metadata: Metadata = { title: "Profile" };

export default async function ProfilePage() {
  const caller = await requireCaller();
  const [profile, times, chosen] = await Promise.all([
    ownProfile(application().database, caller),
    readerTimes(),
    chosenTimes(),
  ]);
  const { identity, manager, directory, groups, now } = profile;
  const { ways, gone } = signInWays(profile, application().configuration.identityProviders);
  return (
    <>
      <AccountHeader at="/account" description="What Postern knows about you, and what others see of you." />
      <div className="grid max-w-6xl grid-cols-[minmax(0,1fr)] items-start gap-x-6 gap-y-8 xl:grid-cols-2">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
          <Section id="person-heading" title="You">
            <div className="card">
              <dl>
                <Fact label="Name">
                  <Name of={identity.displayName} />
                </Fact>
                <Fact label="Email">{profile.email}</Fact>
                {formerOf(identity).length > 0 ? (
                  <Fact label="Changed recently">
                    <FormerNames of={identity} />
                  </Fact>
                ) : null}
                {identity.externalId ? (
                  <Fact label="External id">
                    <code>{identity.externalId}</code>
                  </Fact>
                ) : null}
                <Fact label="Manager">{manager ? <PrincipalName of={manager} inline /> : "None"}</Fact>
                <Fact label="Here since">
                  <Moment value={profile.createdAt} />
                </Fact>
              </dl>
              <p className="mt-3 text-muted">
                {directory
                  ? `Your name and address are decided by the directory ${isolated(directory)}.`
                  : "Your name and address appear wherever somebody decides about you, so an administrator changes them."}
              </p>
            </div>
          </Section>
          <Section id="ways-heading" title="Sign-in">
            <div className="card">
              <dl>
                <Fact label="You sign in with">
                  {ways.length > 0 ? ways.map(isolated).join(", ") : "None yet"}
                </Fact>
                {gone.length > 0 ? (
                  <Fact label="Formerly">
                    {gone.map((issuer) => (
                      <span key={issuer} className="block">
                        <Name of={issuer} />, which is no longer set up here
                      </span>
                    ))}
                  </Fact>
                ) : null}
                <Fact label="Set up in">
                  <a href="/account/security">Factors</a>
                </Fact>
              </dl>
            </div>
          </Section>
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
          <Section id="times-heading" title="Times">
            <div className="card">
              <dl className="mb-4">
                <Fact label="On pages">{zoneAt(times.zone, now)}</Fact>
                <Fact label="In mail">{zoneAt(profile.mailZone, now)}</Fact>
              </dl>
              <TimesForm
                chosen={chosen}
                timeZones={timeZones}
                examples={examples(times.zone, now)}
                save={saveTimes}
              />
            </div>
          </Section>
          <Section id="groups-heading" title="Groups">
            <div className="card">
              {groups.length === 0 ? (
                <p className="text-muted">You are in no group.</p>
              ) : (
                <ul>
                  {groups.map((group) => (
                    <li key={group.id} className="border-b border-line py-1.5 last:border-0">
                      <PrincipalName of={group} />
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </Section>
        </div>
      </div>
    </>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-2 border-b border-line py-1.5 last:border-0 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <dt className="text-muted">{label}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}

/** Each language of times, with this moment written in it. */
function examples(zone: string, now: Date) {
  return timesLanguageNames.map((language) => ({
    language,
    words: `${timesLanguages[language]}: ${formatIn({ zone, language }).moment(now)}`,
  }));
}

/** A zone, and its present difference from UTC. */
function zoneAt(zone: string, now: Date): string {
  return zone === "UTC" ? zone : `${zoneInWords(zone)} (${formatIn(timesIn(zone)).offset(now)})`;
}
