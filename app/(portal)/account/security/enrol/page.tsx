import type { Metadata } from "next";
import { EnrolForm } from "@/components/people/enrol-form";
import { FactorLocked } from "@/components/people/factor-locked";
import { FactorWaits } from "@/components/people/factor-waits";
import { PageHeader } from "@/components/ui/page-parts";
import { factorState } from "@/lib/identity/factors/factor-state";
import { firstFactorState } from "@/lib/identity/factors/first-factor";
import { application } from "@/lib/platform/application";
import { requireCaller } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import { beginAuthenticator, confirmAuthenticator, prepareReplacement } from "../actions";

export const metadata: Metadata = { title: "Set up an authenticator app" };

/** Sets up an authenticator app, or replaces the one in force; then leads back to where it was needed. */
export default async function EnrolPage({
  searchParams,
}: {
  searchParams: Promise<{ return?: string | string[] }>;
}) {
  const caller = await requireCaller();
  const query = await searchParams;
  const next = typeof query.return === "string" ? safeReturnPath(query.return) : "/account/security";
  const { database } = application();
  const [factor, first] = await Promise.all([
    factorState(database, caller),
    firstFactorState(database.client, caller),
  ]);
  return (
    <>
      <PageHeader
        title={factor.app ? "Replace the authenticator app" : "Set up an authenticator app"}
        trail={[{ href: "/account/security", label: "Security" }]}
        description="Roles that require a second factor ask for a code of this app."
      />
      <FactorLocked until={factor.lockedUntil} />
      <FactorWaits until={first.countsFrom} />
      <div className="card max-w-2xl">
        <EnrolForm
          begin={beginAuthenticator}
          confirm={confirmAuthenticator}
          prepare={prepareReplacement}
          hasFactor={factor.enrolled}
          replaces={factor.app}
          pass={first.needsPass && !factor.enrolled ? { bySetUp: first.bySetUp } : null}
          email={caller.email}
          next={next}
        />
      </div>
    </>
  );
}
