import { counted } from "@/lib/domain/imports/file-noise";
import { type FileRow, type ImportKind, maximumLargeRows } from "@/lib/domain/imports/import-kinds";
import { counted as inThousands } from "@/lib/domain/text/number-format";
import { readCsv } from "@/lib/platform/import-files/import-csv";

/** How many characters or records a piece has before it is read, whichever comes first. */
const pieceCharacters = 500_000;
const pieceRecords = 5_000;
/** More characters than any record has. */
const longestRecord = 2_000_000;
/** Empty lines count too. A file has no more lines than this. */
const mostLines = maximumLargeRows * 4;

interface Given {
  readonly row: (row: FileRow) => void;
  readonly refuse: (message: string) => void;
}

/**
 * Reads CSV in pieces of whole records. Each piece, with the first line above it, is read as a file of its own,
 * so it means the same as in the whole file. Lines keep their numbers.
 */
export class CsvPieces {
  private text = "";
  /** The position of the next character to examine, and whether it is inside quotes. */
  private at = 0;
  private quoted = false;
  /** The end of the last whole record, and the number of records. */
  private whole = 0;
  private records = 0;
  /** The line that names the columns, once it is there. */
  private head: string | null = null;
  private linesOfHead = 0;
  /** The number of lines so far, until the end of the last whole record, and before the next piece. */
  private lines = 0;
  private linesOfWhole = 0;
  private linesBefore = 0;
  private rows = 0;
  private empty = 0;

  constructor(
    private readonly kind: ImportKind,
    private readonly group: string | null,
    private readonly given: Given,
  ) {}

  get skipped(): readonly string[] {
    return this.empty > 0 ? [counted(this.empty, "empty row")] : [];
  }

  push(more: string): void {
    this.text += more;
    while (this.scan()) this.readWhole();
    if (this.text.length > longestRecord) this.given.refuse("This is not CSV: a record of it is too long.");
  }

  end(): void {
    this.whole = this.text.length;
    this.head ??= this.text;
    this.readWhole();
  }

  /**
   * Finds the ends of records, and whether there are enough. The last character is held back, since a line feed
   * may follow.
   */
  private scan(): boolean {
    for (; this.at < this.text.length - 1; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code === 34) this.quoted = !this.quoted;
      if (this.quoted) {
        // Counted as csv-parse does.
        if (code === 10 || code === 13) this.lines += 1;
        continue;
      }
      if (code !== 10 && (code !== 13 || this.text.charCodeAt(this.at + 1) === 10)) continue;
      this.lines += 1;
      this.records += 1;
      const start = this.whole;
      this.whole = this.at + 1;
      this.linesOfWhole = this.lines;
      // The first line that is not empty names the columns. Those before are not read again for each that follows.
      if (this.head === null && this.text.slice(start, this.whole).trim() !== "") {
        this.head = this.text.slice(0, this.whole);
        this.linesOfHead = this.lines;
      }
      if (this.head !== null && (this.whole >= pieceCharacters || this.records >= pieceRecords)) {
        this.at += 1;
        return true;
      }
    }
    return false;
  }

  private readWhole(): void {
    const head = this.head ?? "";
    const piece = this.text.slice(0, this.whole);
    this.text = this.text.slice(this.whole);
    this.at -= this.whole;
    this.whole = 0;
    this.records = 0;
    if (this.linesBefore > mostLines) {
      this.given.refuse(`The file has more than ${inThousands(mostLines)} lines.`);
      return;
    }
    // Empty lines replace those before. After a carriage return, a line feed would not be a line of its own.
    const empty = head.endsWith("\r") ? "\r" : "\n";
    const above = this.linesBefore === 0 ? "" : head + empty.repeat(this.linesBefore - this.linesOfHead);
    const read = readCsv(this.kind, above + piece, this.group);
    this.linesBefore = this.linesOfWhole;
    if (!read.ok) {
      this.given.refuse(read.message);
      return;
    }
    for (const row of read.rows) this.given.row({ ...row, number: this.rows + row.number });
    this.rows += read.rows.length;
    this.empty += read.empty;
  }
}
