"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { SelectField, TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { suggestedPathName } from "@/lib/domain/resources/own-path";
import { scopeBelow, type TypeChoice } from "@/lib/domain/resources/scope-below";
import { limits } from "@/lib/domain/text/limits";
import { visible } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** The form for a new resource below another one. It shows the path that the resource gets. */
export function AddResourceForm(props: {
  parent: { readonly id: string; readonly scope: string };
  own: readonly TypeChoice[];
  azure: readonly TypeChoice[];
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const { parent, own, azure } = props;
  const router = useRouter();
  const [type, setType] = useState(own[0]?.type ?? azure[0]?.type ?? "");
  const [name, setName] = useState("");
  const [typedPathName, setPathName] = useState("");
  const suggested = suggestedPathName(name);
  const segments = own.map((each) => each.type);
  const placed = scopeBelow(parent.scope, type, typedPathName.normalize("NFC").trim() || suggested, segments);
  const isAzure = azure.some((each) => each.type === type);
  return (
    <ProtectedForm
      submit={props.submit}
      submitLabel="Add resource"
      returnPath={`/resources/${parent.id}/add`}
      onDone={(outcome) => router.push(outcome.next ?? `/resources/${parent.id}`)}
      onCancel={() => router.push(`/resources/${parent.id}`)}
    >
      <input type="hidden" name="parentId" value={parent.id} />
      <SelectField
        label="Type"
        name="resourceType"
        value={type}
        onChange={(event) => setType(event.target.value)}
      >
        {own.length > 0 ? <Choices label="Types of the organisation" types={own} /> : null}
        {azure.length > 0 ? <Choices label="Azure" types={azure} /> : null}
      </SelectField>
      <TextField
        label="Name"
        name="displayName"
        required
        autoComplete="off"
        maxLength={limits.resourceName}
        value={name}
        onChange={(event) => setName(event.target.value)}
        hint="What people see. It can be changed later."
      />
      <TextField
        label="Name in the path"
        name="pathName"
        autoComplete="off"
        spellCheck={false}
        value={typedPathName}
        placeholder={suggested}
        onChange={(event) => setPathName(event.target.value)}
        hint={
          isAzure
            ? "Its name or id in Azure, so that imports find it."
            : "What programs and files call it. Empty: made of the name."
        }
      />
      <p className="text-muted">
        Path:{" "}
        <code className="text-default wrap-anywhere" data-testid="new-path">
          <bdi dir="ltr">{placed.ok ? visible(placed.scope) : "…"}</bdi>
        </code>
      </p>
    </ProtectedForm>
  );
}

function Choices({ label, types }: { label: string; types: readonly TypeChoice[] }) {
  return (
    <optgroup label={label}>
      {types.map((each) => (
        <option key={each.type} value={each.type}>
          {visible(each.name)}
        </option>
      ))}
    </optgroup>
  );
}
