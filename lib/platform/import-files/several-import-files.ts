import {
  type FileRow,
  type ImportKind,
  maximumArchiveFiles,
  maximumImportRows,
  maximumLargeText,
} from "@/lib/domain/imports/import-kinds";
import { counted } from "@/lib/domain/text/number-format";
import { visibleText } from "@/lib/domain/text/unseen";
import { isolated } from "@/lib/domain/text/visible-text";
import { kindOfBeginning, kindOfFile, textOf } from "@/lib/platform/import-files/import-file";
import { LargeImportFile } from "@/lib/platform/import-files/large-import-file";
import { type PolicyNames, policiesAlone } from "@/lib/platform/import-files/policy-files";

/** The rows of one of several files, numbered through. */
export interface ReadFile {
  readonly name: string;
  readonly kind: ImportKind;
  readonly rows: readonly FileRow[];
}

/** What several files list, or the first thing that is wrong with one of them. */
export interface SeveralRead {
  readonly names: readonly string[];
  readonly read:
    | { readonly ok: true; readonly files: readonly ReadFile[]; readonly skipped: readonly string[] }
    | { readonly ok: false; readonly message: string };
}

/** So many bytes of a file are looked at first to see what it lists, then twice as many, up to a limit. */
const firstLook = 64 * 1024;
const lastLook = 8 * 1024 * 1024;

const tooMany = `There are more than ${maximumArchiveFiles} files. Import fewer at a time.`;
const tooManyRows = `The files have more than ${counted(maximumImportRows)} rows. Import fewer at a time.`;
const tooMuchText = "The rows of the files are too large. Import them in parts.";

/**
 * Reads several files one after the other, each piece by piece. It finds by its content what each is a list of, and
 * keeps the rows alone. Once something is wrong it keeps nothing, and `fault` says so, so that nobody sends the rest.
 */
export class SeveralImportFiles {
  fault: string | null = null;
  private readonly names: string[] = [];
  private readonly known = new Set<string>();
  private readonly skipped: string[] = [];
  private files: ReadFile[] = [];
  private readonly policies: { readonly shown: string; readonly names: PolicyNames }[] = [];
  private rows = 0;
  private text = 0;
  private shown = "";
  /** The beginning of a file whose kind is not found yet. */
  private beginning: Uint8Array[] | null = null;
  private bytes = 0;
  private nextLook = firstLook;
  private reader: { readonly kind: ImportKind; readonly file: LargeImportFile } | null = null;

  /** Another file. */
  begin(name: string): void {
    this.names.push(name);
    this.shown = isolated(visibleText(name).slice(0, 200));
    const key = name.normalize("NFC").toLowerCase();
    if (this.names.length > maximumArchiveFiles) this.refuse(tooMany);
    if (this.known.has(key)) this.refuse(`Two files have the name ${this.shown}. Name each once.`);
    this.known.add(key);
    [this.beginning, this.bytes, this.nextLook, this.reader] = [[], 0, firstLook, null];
  }

  /** The next piece of it. */
  push(piece: Uint8Array): void {
    if (this.fault !== null) return;
    if (this.reader) {
      this.pass(piece);
      return;
    }
    this.beginning?.push(piece);
    this.bytes += piece.length;
    if (this.bytes < this.nextLook) return;
    this.nextLook *= 2;
    const text = textSoFar(Buffer.concat(this.beginning ?? []));
    const kind = text === null ? null : kindOfBeginning(text, this.bytes < lastLook);
    if (kind !== undefined) this.open(kind);
  }

  /** The end of it. */
  end(): void {
    if (this.fault !== null) return;
    if (!this.reader) {
      const text = textOf(Buffer.concat(this.beginning ?? []));
      if (text === null) {
        this.refuse(`${this.shown} is not UTF-8 text. Save it as UTF-8.`);
        return;
      }
      const kind = kindOfFile(text);
      if (kind === "Empty") {
        this.skipped.push(`${this.shown}, which has no rows`);
        return;
      }
      this.open(kind);
    }
    if (this.reader) this.take(this.reader);
  }

  /** What all of them list. */
  finish(): SeveralRead {
    const { names } = this;
    const named = new Set(this.policies.flatMap(({ names: each }) => [...each.named]));
    for (const { shown, names: each } of this.policies) {
      if (!each.areAll) continue;
      if (!each.ids.every((id) => named.has(id))) this.refuse(`${shown}: ${policiesAlone}`);
      this.skipped.push(`${shown}, whose rules the answer of roleManagementPolicyAssignments has too`);
    }
    if (names.length === 0) this.refuse("There is no file in it.");
    if (this.rows === 0) this.refuse("The files have no rows.");
    if (this.fault !== null) return { names, read: { ok: false, message: this.fault } };
    return { names, read: { ok: true, files: this.files, skipped: this.skipped } };
  }

  refuse(message: string): void {
    this.fault ??= message;
    [this.files, this.beginning, this.reader] = [[], null, null];
  }

  private open(kind: ImportKind | null): void {
    if (kind === null) {
      this.refuse(
        `${this.shown} is neither a complete list as an Azure command writes it, nor a CSV file with a known first line. Leave it out, or import it alone with its kind.`,
      );
      return;
    }
    const left = { rows: maximumImportRows - this.rows, text: maximumLargeText - this.text };
    const file = new LargeImportFile(kind, null, { ...left, tooManyRows, tooMuchText });
    this.reader = { kind, file };
    const begun = this.beginning ?? [];
    this.beginning = null;
    for (const piece of begun) this.pass(piece);
  }

  private pass(piece: Uint8Array): void {
    const file = this.reader?.file;
    file?.push(piece);
    if (file && file.fault !== null) this.refuse(this.inWords(file.fault));
  }

  private take({ kind, file }: { readonly kind: ImportKind; readonly file: LargeImportFile }): void {
    const read = file.end();
    if (kind === "RoleSettings") this.policies.push({ shown: this.shown, names: file.policies });
    if (!read.ok) {
      // Whether others name them is known at the end.
      if (read.message !== policiesAlone) this.refuse(this.inWords(read.message));
      return;
    }
    this.skipped.push(...read.skipped.map((each) => `${each} of ${this.shown}`));
    const before = this.rows;
    const rows = read.rows.map((row) => ({ ...row, number: before + row.number }));
    this.files.push({ name: this.names.at(-1) ?? "", kind, rows });
    this.rows += rows.length;
    this.text += file.text;
  }

  private inWords(fault: string): string {
    return fault === tooManyRows || fault === tooMuchText ? fault : `${this.shown}: ${fault}`;
  }
}

/** The text of the beginning of a file, which may end in the middle of a character; null where it is none. */
function textSoFar(bytes: Uint8Array): string | null {
  const mark = `${bytes[0]} ${bytes[1]}`;
  const encoding = mark === "255 254" ? "utf-16le" : mark === "254 255" ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

/** Reads files that are there as a whole. */
export function readSeveral(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): SeveralRead {
  const several = new SeveralImportFiles();
  for (const { name, bytes } of files) {
    several.begin(name);
    several.push(bytes);
    several.end();
  }
  return several.finish();
}
