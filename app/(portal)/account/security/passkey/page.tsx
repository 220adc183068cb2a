import type { Metadata } from "next";
import { AddPasskeyForm } from "@/components/people/add-passkey-form";
import { FactorLocked } from "@/components/people/factor-locked";
import { FactorWaits } from "@/components/people/factor-waits";
import { PageHeader } from "@/components/ui/page-parts";
import { factorState } from "@/lib/identity/factors/factor-state";
import { firstFactorState } from "@/lib/identity/factors/first-factor";
import { application } from "@/lib/platform/application";
import { requireCaller } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import { beginRegistration, confirmRegistration, prepareRegistration } from "./actions";

export const metadata: Metadata = { title: "Add a passkey" };

/** Adds a passkey, then leads back to where it was needed. */
export default async function AddPasskeyPage({
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
        title="Add a passkey"
        trail={[{ href: "/account/security", label: "Security" }]}
        description="A passkey is kept by this device, a security key or a password manager. It answers at this address only, so nobody can trick it out of you."
      />
      <FactorLocked until={factor.lockedUntil} />
      <FactorWaits until={first.countsFrom} />
      <div className="card max-w-2xl">
        <AddPasskeyForm
          begin={beginRegistration}
          confirm={confirmRegistration}
          prepare={prepareRegistration}
          hasFactor={factor.enrolled}
          pass={first.needsPass && !factor.enrolled ? { bySetUp: first.bySetUp } : null}
          email={caller.email}
          next={next}
        />
      </div>
    </>
  );
}
