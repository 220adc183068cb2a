import type { Metadata } from "next";
import { AddPasskeyForm } from "@/components/people/add-passkey-form";
import { FactorLocked } from "@/components/people/factor-locked";
import { FactorWaits } from "@/components/people/factor-waits";
import { PageHeader } from "@/components/ui/page-parts";
import { factorSetup } from "../factor-setup";
import { beginRegistration, confirmRegistration, prepareRegistration } from "./actions";

export const metadata: Metadata = { title: "Add a passkey" };

/** Adds a passkey, then returns to the page that needed it. */
export default async function AddPasskeyPage({
  searchParams,
}: {
  searchParams: Promise<{ return?: string | string[] }>;
}) {
  const { factor, first, form } = await factorSetup("/account/security/passkey", searchParams);
  return (
    <>
      <PageHeader
        title="Add a passkey"
        trail={[{ href: "/account/security", label: "Factors" }]}
        description="A passkey is kept by this device, a security key or a password manager. It works at this address only, so nobody can trick you into giving it away."
      />
      <FactorLocked until={factor.lockedUntil} />
      <FactorWaits until={first.countsFrom} />
      <div className="card max-w-2xl">
        <AddPasskeyForm
          begin={beginRegistration}
          confirm={confirmRegistration}
          prepare={prepareRegistration}
          {...form}
        />
      </div>
    </>
  );
}
