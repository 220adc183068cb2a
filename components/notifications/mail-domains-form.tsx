"use client";

import { TextAreaField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** The mail domains to which role settings may send notices without a code. Saving them always requires one. */
export function MailDomainsForm(props: {
  domains: readonly string[];
  version: number;
  hasFactor: boolean;
  save: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  return (
    <div className="card max-w-3xl">
      <ProtectedForm
        submit={props.save}
        prepare={props.prepare}
        needsCode
        hasFactor={props.hasFactor}
        submitLabel="Save"
        returnPath="/organisation"
      >
        <input type="hidden" name="expectedVersion" value={props.version} />
        <TextAreaField
          label="Allowed mail domains"
          name="allowedMailDomains"
          rows={6}
          defaultValue={props.domains.join("\n")}
          placeholder="contoso.com"
          hint="One per line. Role settings can send notices to addresses in these domains without a code. Any other address needs a code. While the list is empty, every added address needs one. Subdomains are separate domains."
        />
      </ProtectedForm>
    </div>
  );
}
