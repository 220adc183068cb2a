import type { Metadata } from "next";
import { DoorPage } from "@/components/shell/door-page";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { confirmationFault } from "@/lib/web/confirmation-faults";
import { confirmationSentence } from "@/lib/web/confirmation-sentences";
import { TellForm } from "./tell-form";

export const metadata: Metadata = { title: "Confirmation" };

interface Query {
  readonly provider?: string;
  readonly challenge?: string;
  readonly fault?: string;
}

/**
 * The last page in a provider's window. It informs the form that waits in another window, and closes itself.
 * What it says has no effect on security, since the server has the proof.
 */
export default async function ConfirmedPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams;
  const provider = application().configuration.identityProviders.find(({ id }) => id === query.provider);
  const fault = confirmationFault(query.fault);
  const name = provider ? isolated(provider.name) : "the provider";
  const challengeId = isUuid(query.challenge ?? "") ? (query.challenge ?? "") : "";
  return (
    <DoorPage
      title={fault ? "Nothing was confirmed" : "You can go back"}
      about={fault ? confirmationSentence(fault, name) : "The form in the other window continues by itself."}
    >
      <TellForm challengeId={challengeId} fault={fault} />
    </DoorPage>
  );
}
