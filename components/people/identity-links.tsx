"use client";

import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;
type Prepare = (form: FormData) => Promise<PreparedChallenge>;

interface Own {
  readonly submit: Submit;
  readonly prepare: Prepare;
  readonly hasFactor: boolean;
  readonly principalId: string;
}

/** **Link**: confirms it with a code, then goes to the provider and back. */
export function LinkOwnIdentity(props: Own & { provider: { readonly id: string; readonly name: string } }) {
  const name = isolated(props.provider.name);
  const submit: Submit = async (form) => {
    const result = await props.submit(form);
    if (!result.ok || result.next === undefined) return result;
    // The provider's page is not part of the portal.
    window.location.assign(result.next);
    return { ok: true, message: `Going to ${name}…` };
  };
  return (
    <ActionDialog
      label={`Link ${name}`}
      buttonClass="button-named"
      title={`Link ${name}`}
      description="You go there to sign in, and come back. From then on you can sign in here with it."
      submit={submit}
      prepare={props.prepare}
      needsCode
      hasFactor={props.hasFactor}
      returnPath="/account/security"
    >
      <input type="hidden" name="principalId" value={props.principalId} />
      <input type="hidden" name="provider" value={props.provider.id} />
    </ActionDialog>
  );
}

/** **Unlink** beside a link: one's own or, with a reason, another person's. */
export function UnlinkIdentity(
  props: Own & { linkId: string; provider: string; returnPath: string; children?: React.ReactNode },
) {
  return (
    <ActionDialog
      label="Unlink"
      buttonClass="button-danger"
      title={`Unlink ${isolated(props.provider)}?`}
      description="This account can no longer sign in here. Sessions that it started end."
      submit={props.submit}
      prepare={props.prepare}
      needsCode
      hasFactor={props.hasFactor}
      danger
      returnPath={props.returnPath}
    >
      <input type="hidden" name="principalId" value={props.principalId} />
      <input type="hidden" name="linkId" value={props.linkId} />
      {props.children}
    </ActionDialog>
  );
}
