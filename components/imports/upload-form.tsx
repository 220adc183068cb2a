"use client";

import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { useEarlyInput } from "@/components/ui/forms/early-input";
import { FieldErrors, SelectField, TextField } from "@/components/ui/forms/field";
import { toast } from "@/components/ui/toast";
import { useScripted } from "@/components/ui/use-scripted";
import {
  type ImportKind,
  importKinds,
  maximumArchiveBytes,
  maximumArchiveFiles,
  maximumImportRows,
  maximumLargeBytes,
  maximumLargeRows,
  type StoredImportKind,
  severalKinds,
} from "@/lib/domain/imports/import-kinds";
import { counted } from "@/lib/domain/text/number-format";

const kinds = Object.keys(importKinds) as ImportKind[];

/** The body for several files: their names and lengths, then the files one after the other. */
function together(files: readonly File[]): { body: Blob; head: string } {
  const named = JSON.stringify(files.map(({ name, size }) => ({ name: name.slice(-200), size })));
  const head = new Blob([named]);
  return { body: new Blob([head, ...files]), head: String(head.size) };
}

/** What may be shortened to the longest time that role settings allow. */
const withTimes = new Set<StoredImportKind>([
  ...(["RoleAssignments", "ActiveAssignments", "Eligibilities", severalKinds] as const),
]);

/** Why nothing was read, and whether choosing other files would help. */
interface UploadRefused {
  readonly message: string;
  readonly ofFile: boolean;
}

const ofFile = (message: string): UploadRefused => ({ message, ofFile: true });
/** Status codes of answers about the file: incomplete, too large, or no list of the chosen kind. */
const aboutFile = new Set([400, 413, 422]);

/** Chooses files, or one file and its kind, uploads them, and opens the preview. */
export function UploadForm() {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  useEarlyInput(form);
  const scripted = useScripted();
  const [kind, setKind] = useState<StoredImportKind>(severalKinds);
  const [refusal, setRefusal] = useState<UploadRefused | null>(null);
  const [pending, setPending] = useState(false);
  const one = kind === severalKinds ? null : importKinds[kind];

  async function send(form: HTMLFormElement): Promise<UploadRefused | null> {
    const data = new FormData(form);
    const chosen = data.getAll("file").filter((each) => each instanceof File && each.name !== "");
    const files = chosen.filter((each): each is File => each instanceof File && each.size > 0);
    const [file] = files;
    if (!file) return ofFile(chosen.length > 0 ? "Choose a file that is not empty." : "Choose a file.");
    if (files.length > maximumArchiveFiles) return ofFile(`Choose at most ${maximumArchiveFiles} files.`);
    const sizeOf = (some: readonly File[]) => some.reduce((sum, { size }) => sum + size, 0);
    if (sizeOf(files) > maximumLargeBytes)
      return ofFile(`Choose ${one ? "a file" : "files"} of at most ${maximumLargeBytes / 1024 / 1024} MiB.`);
    if (sizeOf(files.filter(({ name }) => /\.zip$/i.test(name))) > maximumArchiveBytes)
      return ofFile(`Choose archives of at most ${maximumArchiveBytes / 1024 / 1024} MiB.`);
    const several = one ? null : together(files);
    const query = new URLSearchParams({
      kind,
      ...(several ? { head: several.head } : { name: file.name }),
      ...(data.get("cap") === "on" ? { cap: "1" } : {}),
      ...(data.get("removeMembers") === "on" ? { removeMembers: "1" } : {}),
      ...(data.get("group") ? { group: String(data.get("group")) } : {}),
    });
    const response = await fetch(`/import/upload?${query}`, { method: "POST", body: several?.body ?? file });
    const answer: unknown = await response.json().catch(() => null);
    const answered = (name: string) => {
      const value = typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : null;
      return typeof value === "string" ? value : null;
    };
    const importId = answered("importId");
    if (!response.ok || importId === null)
      return {
        message: answered("message") ?? "The file was not accepted. Try again.",
        ofFile: aboutFile.has(response.status),
      };
    const skipped = answered("skipped");
    if (skipped !== null) toast.info(skipped, 15_000);
    router.push(`/import/${importId}`);
    return null;
  }

  return (
    <form
      ref={form}
      className="grid gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (pending) return;
        setPending(true);
        const { currentTarget } = event;
        send(currentTarget)
          .then(
            (refused) => {
              setRefusal(refused);
              if (refused?.ofFile) currentTarget.querySelector<HTMLElement>("[name=file]")?.focus();
            },
            () => setRefusal({ message: "The server did not answer. Try again.", ofFile: false }),
          )
          .finally(() => setPending(false));
      }}
    >
      <FieldErrors value={refusal?.ofFile ? { file: refusal.message } : {}}>
        <SelectField
          label="What"
          name="kind"
          value={kind}
          onChange={(event) =>
            setKind(kinds.find((each) => each === event.currentTarget.value) ?? severalKinds)
          }
        >
          <option value={severalKinds}>Several files, or a zip archive</option>
          {kinds.map((each) => (
            <option key={each} value={each}>
              {importKinds[each].title}
            </option>
          ))}
        </SelectField>
        {one ? (
          <p className="text-muted">
            As JSON: the output of <code className="wrap-anywhere">{one.command} --output json</code>.
            {one.columns.length > 0 ? (
              <>
                {" "}
                As CSV: a first line with <code className="wrap-anywhere">{one.columns.join(",")}</code>.
              </>
            ) : null}
          </p>
        ) : (
          <p className="text-muted">
            Files written by Azure commands, in any order. Postern detects what each of them lists, and shows
            them all in one preview.
          </p>
        )}
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
          label={one ? "File" : "Files"}
          name="file"
          type="file"
          multiple={one === null}
          accept=".json,.csv,.zip"
          hint={
            one
              ? `At most ${maximumLargeBytes / 1024 / 1024} MiB and ${counted(maximumLargeRows)} rows. A large one may be packed as a zip archive of at most ${maximumArchiveBytes / 1024 / 1024} MiB.`
              : `At most ${maximumArchiveFiles} files with ${maximumLargeBytes / 1024 / 1024} MiB and ${counted(maximumImportRows)} rows together. Zip archives have at most ${maximumArchiveBytes / 1024 / 1024} MiB as they are sent.`
          }
        />
        {withTimes.has(kind) ? (
          <label className="flex items-start gap-2">
            <input type="checkbox" name="cap" className="mt-1 size-4 accent-(--accent)" />
            <span>
              If assignments are permanent or longer than role settings allow, let them end after the longest
              time allowed
              <span className="block text-muted">Otherwise those rows are skipped.</span>
            </span>
          </label>
        ) : null}
        {kind === "GroupMembers" || one === null ? (
          <label className="flex items-start gap-2">
            <input type="checkbox" name="removeMembers" className="mt-1 size-4 accent-(--accent)" />
            <span>
              Remove members that the {one ? "file does" : "files do"} not name
              <span className="block text-muted">
                Only from groups that the {one ? "file names" : "files name"}. Otherwise these members are
                shown, and stay.
              </span>
            </span>
          </label>
        ) : null}
      </FieldErrors>
      <div aria-live="polite" className="empty:absolute has-[.sr-only]:absolute">
        {refusal ? (
          // The text is visible beside the field, so it is only announced here.
          <p
            role="alert"
            className={refusal.ofFile ? "sr-only" : "rounded-md bg-danger-tint px-3 py-2 text-danger"}
          >
            {refusal.message}
          </p>
        ) : null}
      </div>
      <noscript>
        <p>
          Sending a file needs JavaScript. Without it, let a <a href="/import/schedules">scheduled import</a>{" "}
          read your files.
        </p>
      </noscript>
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
