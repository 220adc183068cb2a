import type { Metadata } from "next";
import { AddPasskeyForm } from "@/components/people/add-passkey-form";
import { FactorLocked } from "@/components/people/factor-locked";
import { PageHeader } from "@/components/ui/page-parts";
import { factorState } from "@/lib/identity/factor-state";
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
  const factor = await factorState(application().database, caller);
  return (
    <>
      <PageHeader
        title="Add a passkey"
        trail={[{ href: "/account/security", label: "Security" }]}
        description="A passkey is kept by this device, a security key or a password manager. It answers at this address only, so nobody can trick it out of you."
      />
      <FactorLocked until={factor.lockedUntil} />
      <div className="card max-w-2xl">
        <AddPasskeyForm
          begin={beginRegistration}
          confirm={confirmRegistration}
          prepare={prepareRegistration}
          hasFactor={factor.enrolled}
          email={caller.email}
          next={next}
        />
      </div>
    </>
  );
}
