import type { Metadata } from "next";
import { EnrolForm } from "@/components/people/enrol-form";
import { FactorLocked } from "@/components/people/factor-locked";
import { FactorWaits } from "@/components/people/factor-waits";
import { PageHeader } from "@/components/ui/page-parts";
import { noAppsAccepted } from "@/lib/domain/people/sign-in-rules";
import { beginAuthenticator, confirmAuthenticator, prepareReplacement } from "../actions";
import { factorSetup } from "../factor-setup";

export const metadata: Metadata = { title: "Set up an authenticator app" };

/** Sets up an authenticator app, or replaces the one in force. Then returns to the page that needed it. */
export default async function EnrolPage({
  searchParams,
}: {
  searchParams: Promise<{ return?: string | string[] }>;
}) {
  const { factor, first, form, appsAccepted } = await factorSetup("/account/security/enrol", searchParams);
  return (
    <>
      <PageHeader
        title={factor.app ? "Replace the authenticator app" : "Set up an authenticator app"}
        trail={[{ href: "/account/security", label: "Factors" }]}
        description="Roles that require a second factor ask for a code of this app."
      />
      <FactorLocked until={factor.lockedUntil} />
      <FactorWaits until={first.countsFrom} />
      <div className="card max-w-2xl">
        {appsAccepted ? (
          <EnrolForm
            begin={beginAuthenticator}
            confirm={confirmAuthenticator}
            prepare={prepareReplacement}
            replaces={factor.app}
            {...form}
          />
        ) : (
          <div className="flex flex-wrap items-center gap-3">
            <p className="grow basis-60">{noAppsAccepted}</p>
            <a className="button" href="/account/security">
              Your factors
            </a>
          </div>
        )}
      </div>
    </>
  );
}
