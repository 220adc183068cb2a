import { mostCharacters, withoutFirstNoise, withoutLastNoise } from "@/lib/domain/imports/file-noise";
import {
  type FileRow,
  type ImportKind,
  importKinds,
  maximumLargeRows,
  maximumLargeText,
} from "@/lib/domain/imports/import-kinds";
import { CsvPieces } from "@/lib/platform/import-files/csv-pieces";
import {
  type FileResult,
  pageFault,
  refused,
  rowOfJson,
  tooManyRows,
} from "@/lib/platform/import-files/import-rows";
import { JsonEntries } from "@/lib/platform/import-files/json-entries";
import { PolicyNames, policiesAlone } from "@/lib/platform/import-files/policy-files";

/** The limits of what is read, and what is said beyond them. */
export interface LargeLimits {
  readonly rows: number;
  readonly text: number;
  readonly tooManyRows?: string;
  readonly tooMuchText?: string;
}

/** Reads the list itself, once the beginning has shown what it is. */
interface ListReader {
  readonly push: (text: string) => void;
  /** The end of the list, with what was left out, or why it is refused. */
  readonly end: () => { readonly fault: string | null; readonly skipped: readonly string[] };
  readonly holdsBack: boolean;
}

/** So much is read at once: somebody may send a file byte by byte. */
const gatherBytes = 10_000;

/** How much of the end of a JSON list is held back until it is known to be the end, since warnings may follow there. */
const heldBack = 20_000;

/**
 * Reads a file in pieces, with the same result as `readImportFile` for a whole one. It keeps the rows, and of the
 * rest no more than one entry. After a fault it keeps nothing, and `fault` says so, so that nobody sends the rest.
 */
export class LargeImportFile {
  fault: string | null = null;
  /** The policies of a list of role settings. */
  readonly policies = new PolicyNames();
  private rows: FileRow[] = [];
  private kept = 0;
  private reader: ListReader | null = null;
  private skipped: readonly string[] = [];
  private waiting = "";
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;
  private readonly decode: (bytes: Uint8Array | null) => string;

  constructor(
    private readonly kind: ImportKind,
    private readonly group: string | null,
    private readonly limits: LargeLimits = { rows: maximumLargeRows, text: maximumLargeText },
  ) {
    this.decode = decoder();
  }

  /** How many characters its rows keep. */
  get text(): number {
    return this.kept;
  }

  /** The next piece of the file. */
  push(bytes: Uint8Array): void {
    this.gathered.push(bytes);
    this.gatheredBytes += bytes.length;
    if (this.gatheredBytes >= gatherBytes) this.readGathered();
  }

  /** What the whole file lists. */
  end(): FileResult {
    this.readGathered();
    this.read(null);
    if (this.fault === null && this.reader === null) this.begin();
    if (this.fault === null && this.reader) {
      const last = this.reader.holdsBack
        ? withoutLastNoise({ text: this.waiting, skipped: [] })
        : { text: this.waiting, skipped: [] };
      this.reader.push(last.text);
      const { fault, skipped } = this.fault === null ? this.reader.end() : { fault: null, skipped: [] };
      if (fault !== null) this.refuse(fault);
      this.skipped = [...this.skipped, ...last.skipped, ...skipped];
    }
    if (this.fault === null && this.rows.length === 0) this.refuse("The file has no rows.");
    if (this.fault !== null) return refused(this.fault);
    return { ok: true, rows: this.rows, skipped: this.skipped };
  }

  private readGathered(): void {
    const bytes = Buffer.concat(this.gathered);
    this.gathered = [];
    this.gatheredBytes = 0;
    this.read(bytes);
  }

  private read(bytes: Uint8Array | null): void {
    if (this.fault !== null) return;
    let text: string;
    try {
      text = this.decode(bytes);
    } catch {
      this.refuse("The file is not UTF-8 text. Save it as UTF-8.");
      return;
    }
    if (text.includes("\0")) this.refuse("This is not a text file.");
    else this.waiting += text;
    if (this.reader === null && this.waiting.length >= mostCharacters) this.begin();
    if (this.reader === null || bytes === null) return;
    const ready = this.waiting.length - (this.reader.holdsBack ? heldBack : 0);
    if (ready <= 0) return;
    const next = this.waiting.slice(0, ready);
    this.waiting = this.waiting.slice(ready);
    this.reader.push(next);
  }

  /** Finds out what the file is from its beginning. */
  private begin(): void {
    const { text, skipped, isList } = withoutFirstNoise(this.waiting, importKinds[this.kind].columns);
    this.waiting = text;
    this.skipped = skipped;
    const inJson = isList || /^\s*[[{]/.test(text);
    this.reader = inJson ? this.readJson() : this.readCsv();
  }

  private readJson(): ListReader {
    let count = 0;
    const entries = new JsonEntries((entry) => {
      count += 1;
      if (this.kind === "RoleSettings") this.policies.add(entry);
      this.keep(rowOfJson(this.kind, this.group, entry, count));
    });
    return {
      holdsBack: true,
      push: (text) => entries.push(text),
      end: () => ({
        fault: entries.end() ?? pageFault(entries.beside) ?? (this.policies.areAll ? policiesAlone : null),
        skipped: [],
      }),
    };
  }

  private readCsv(): ListReader {
    const pieces = new CsvPieces(this.kind, this.group, {
      row: (row) => this.keep(row),
      refuse: (message) => this.refuse(message),
    });
    return {
      holdsBack: false,
      push: (text) => {
        if (this.fault === null) pieces.push(text);
      },
      end: () => {
        pieces.end();
        return { fault: null, skipped: pieces.skipped };
      },
    };
  }

  private keep(row: FileRow): void {
    if (this.fault !== null) return;
    this.kept += JSON.stringify(row).length;
    const { limits } = this;
    if (this.rows.length === limits.rows) this.refuse(limits.tooManyRows ?? tooManyRows(limits.rows).message);
    else if (this.kept > limits.text)
      this.refuse(limits.tooMuchText ?? "The rows of the file are too large. Import it in parts.");
    else this.rows.push(row);
  }

  private refuse(message: string): void {
    this.fault ??= message;
    this.rows = [];
    this.waiting = "";
  }
}

/** Reads text as `textOf` does: UTF-8, or UTF-16 with its mark. Throws if it is neither. Null ends it. */
function decoder(): (bytes: Uint8Array | null) => string {
  let chosen: TextDecoder | null = null;
  let first = Buffer.alloc(0);
  return (bytes) => {
    if (chosen === null) {
      first = Buffer.concat([first, bytes ?? new Uint8Array()]);
      if (first.length < 2 && bytes !== null) return "";
      const mark = `${first[0]} ${first[1]}`;
      const encoding = mark === "255 254" ? "utf-16le" : mark === "254 255" ? "utf-16be" : "utf-8";
      chosen = new TextDecoder(encoding, { fatal: true });
      return chosen.decode(first, { stream: bytes !== null });
    }
    return bytes === null ? chosen.decode() : chosen.decode(bytes, { stream: true });
  };
}
