"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { FieldErrors, SelectField, TextField } from "@/components/ui/forms/field";
import { toast } from "@/components/ui/toast";
import { useScripted } from "@/components/ui/use-scripted";
import {
  type ImportKind,
  importKinds,
  maximumImportBytes,
  maximumImportRows,
} from "@/lib/domain/imports/import-kinds";
import { counted } from "@/lib/domain/text/number-format";

const kinds = Object.keys(importKinds) as ImportKind[];

/** Chooses a file and its kind, uploads it, and opens the preview. */
export function UploadForm() {
  const router = useRouter();
  const scripted = useScripted();
  const [kind, setKind] = useState<ImportKind>("ManagementGroups");
  const [message, setMessage] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const { command, columns } = importKinds[kind];

  async function send(form: HTMLFormElement) {
    const data = new FormData(form);
    const file = data.get("file");
    if (!(file instanceof File) || file.size === 0) return "Choose a file that is not empty.";
    if (file.size > maximumImportBytes)
      return `Choose a file of at most ${maximumImportBytes / 1024 / 1024} MiB.`;
    const query = new URLSearchParams({
      kind,
      name: file.name,
      ...(data.get("cap") === "on" ? { cap: "1" } : {}),
      ...(data.get("removeMembers") === "on" ? { removeMembers: "1" } : {}),
      ...(data.get("group") ? { group: String(data.get("group")) } : {}),
    });
    const response = await fetch(`/import/upload?${query}`, { method: "POST", body: file });
    const answer: unknown = await response.json().catch(() => null);
    const answered = (name: string) => {
      const value = typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : null;
      return typeof value === "string" ? value : null;
    };
    const importId = answered("importId");
    if (!response.ok || importId === null)
      return answered("message") ?? "The file was not accepted. Try again.";
    const skipped = answered("skipped");
    if (skipped !== null) toast.info(skipped, 15_000);
    router.push(`/import/${importId}`);
    return null;
  }

  return (
    <form
      className="grid gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (pending) return;
        setPending(true);
        send(event.currentTarget)
          .then(setMessage, () => setMessage("The server did not answer. Try again."))
          .finally(() => setPending(false));
      }}
    >
      <FieldErrors value={message ? { file: message } : {}}>
        <SelectField
          label="What"
          name="kind"
          value={kind}
          onChange={(event) => setKind(kinds.find((each) => each === event.currentTarget.value) ?? kind)}
        >
          {kinds.map((each) => (
            <option key={each} value={each}>
              {importKinds[each].title}
            </option>
          ))}
        </SelectField>
        <p className="text-muted">
          As JSON: what <code className="wrap-anywhere">{command} --output json</code> writes. As CSV: a first
          line with <code className="wrap-anywhere">{columns.join(",")}</code>.
        </p>
        {kind === "GroupMembers" ? (
          <TextField
            label="Group"
            name="group"
            maxLength={1000}
            autoComplete="off"
            hint="The group whose members the file lists, by id or name. Leave empty if the file has a column for it."
          />
        ) : null}
        <TextField
          label="File"
          name="file"
          type="file"
          accept=".json,.csv,application/json,text/csv"
          hint={`At most ${maximumImportBytes / 1024 / 1024} MiB and ${counted(maximumImportRows)} rows.`}
        />
        {kind === "RoleAssignments" || kind === "ActiveAssignments" || kind === "Eligibilities" ? (
          <label className="flex items-start gap-2">
            <input type="checkbox" name="cap" className="mt-1 size-4 accent-(--accent)" />
            <span>
              Where role settings do not allow assignments that are permanent or last so long, let them end
              after the longest time allowed
              <span className="block text-muted">Otherwise those rows are skipped.</span>
            </span>
          </label>
        ) : null}
        {kind === "GroupMembers" ? (
          <label className="flex items-start gap-2">
            <input type="checkbox" name="removeMembers" className="mt-1 size-4 accent-(--accent)" />
            <span>
              Remove members that the file does not name
              <span className="block text-muted">
                Only from groups that the file names. Otherwise these members are shown, and stay.
              </span>
            </span>
          </label>
        ) : null}
      </FieldErrors>
      <div aria-live="polite">
        {message ? (
          <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
            {message}
          </p>
        ) : null}
      </div>
      <div className="flex justify-end">
        <button
          type="submit"
          className="button button-primary"
          disabled={!scripted}
          aria-busy={pending}
          aria-disabled={pending}
        >
          {pending ? "Reading…" : "Preview changes"}
        </button>
      </div>
    </form>
  );
}
