/** One entry of a list, unparsed, with the line on which it begins. */
export interface JsonEntry {
  readonly line: number;
  readonly text: string;
}

/** The longest entry, and the longest text beside a list that is kept, in characters. */
const longestEntry = 6_000_000;
const longestBeside = 20_000;

/** The fault of a list that is cut off. */
export const incompleteList = "The file ends in the middle of its list: it is incomplete.";

const codes = {
  lineFeed: 10,
  quote: 34,
  comma: 44,
  colon: 58,
  openList: 91,
  backslash: 92,
  closeList: 93,
  openObject: 123,
  closeObject: 125,
} as const;
const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13) || code === 0xfeff;

/**
 * Splits a list into its entries, in pieces: an array, or the answer of an API that has it in `value`. Other fields
 * of such an answer are kept as they are written. It parses nothing, so that one bad entry is one bad row.
 */
export class JsonEntries {
  /** The other fields beside the list, by name. */
  readonly beside = new Map<string, string>();
  private at: "start" | "list" | "answer" | "value" | "end" = "start";
  private answers = false;
  private line = 1;
  private depth = 0;
  private quoted = false;
  private escaped = false;
  /** What is being read: the text of an entry, or of a name or value beside the list. Null between them. */
  private parts: string[] | null = null;
  private length = 0;
  private startLine = 0;
  private name: string | null = null;
  private fault: string | null = null;
  private listed = false;

  constructor(private readonly emit: (entry: JsonEntry) => void) {}

  /** The next piece of the text. After a fault the rest is ignored. */
  push(piece: string): void {
    let start = 0;
    for (let index = 0; index < piece.length && this.fault === null; index += 1) {
      const code = piece.charCodeAt(index);
      if (code === codes.lineFeed) this.line += 1;
      if (this.quoted) {
        if (this.escaped) this.escaped = false;
        else if (code === codes.backslash) this.escaped = true;
        else if (code === codes.quote) this.quoted = false;
        continue;
      }
      if (isSpace(code)) continue;
      const opens = code === codes.openList || code === codes.openObject;
      const closes = code === codes.closeList || code === codes.closeObject;
      if (this.parts !== null) {
        if (code === codes.quote) this.quoted = true;
        else if (opens) this.depth += 1;
        else if (closes && this.depth > 0) this.depth -= 1;
        else if (this.depth === 0 && (closes || code === codes.comma || this.endsName(code))) {
          this.keep(piece.slice(start, index));
          this.finish(code);
        }
        continue;
      }
      start = index;
      this.between(code, opens);
      if (this.parts !== null) {
        if (code === codes.quote) this.quoted = true;
        else if (opens) this.depth += 1;
      }
    }
    if (this.parts !== null && this.fault === null) this.keep(piece.slice(start));
  }

  /** What is wrong with the whole text; null if a list was read to its end. */
  end(): string | null {
    if (this.fault !== null) return this.fault;
    if (this.at === "end" && this.listed) return null;
    return this.at === "end" ? "This is a single JSON object without a list in “value”." : incompleteList;
  }

  private endsName(code: number): boolean {
    return this.at === "answer" && code === codes.colon;
  }

  /** Handles a character that is not in an entry, name or value: it begins one, or ends the list. */
  private between(code: number, opens: boolean): void {
    switch (this.at) {
      case "start":
        this.answers = code === codes.openObject;
        this.at = this.answers ? "answer" : "list";
        this.listed = !this.answers;
        if (!opens) this.fault = "This is not a list.";
        return;
      case "list":
        if (code === codes.closeList) this.at = this.answers ? "answer" : "end";
        else if (code !== codes.comma) this.begin();
        return;
      case "answer":
        if (code === codes.closeObject) this.at = "end";
        else if (code !== codes.comma) this.begin();
        return;
      case "value":
        if (this.name === "value" && code === codes.openList && !this.listed) {
          this.at = "list";
          this.listed = true;
        } else this.begin();
        return;
      case "end":
        this.fault = `Line ${this.line}: the list ends before the file does.`;
    }
  }

  private begin(): void {
    this.parts = [];
    this.length = 0;
    this.startLine = this.line;
  }

  private keep(text: string): void {
    this.length += text.length;
    if (this.length > (this.at === "list" ? longestEntry : longestBeside))
      this.fault = `Line ${this.startLine}: this entry is too long.`;
    else this.parts?.push(text);
  }

  /** The end of an entry, a name or a value; `code` is the character after it. */
  private finish(code: number): void {
    const text = (this.parts ?? []).join("");
    this.parts = null;
    if (this.fault !== null) return;
    switch (this.at) {
      case "list":
        this.emit({ line: this.startLine, text });
        if (code !== codes.comma) this.at = this.answers ? "answer" : "end";
        return;
      case "answer":
        this.name = text.trim().replaceAll('"', "");
        this.at = "value";
        if (code !== codes.colon) this.fault = `Line ${this.line}: this is not JSON.`;
        return;
      case "value":
        this.beside.set(this.name ?? "", text.trim());
        this.at = code === codes.closeObject ? "end" : "answer";
    }
  }
}

/** The entries of a JSON array, or of an answer that has one in `value`. It keeps at most one more than `most`. */
export function splitArray(
  text: string,
  most = Number.POSITIVE_INFINITY,
): { ok: true; entries: JsonEntry[]; beside: ReadonlyMap<string, string> } | { ok: false; message: string } {
  const entries: JsonEntry[] = [];
  const split = new JsonEntries((entry) => {
    if (entries.length <= most) entries.push(entry);
  });
  split.push(text);
  const message = split.end();
  if (message !== null && entries.length <= most) return { ok: false, message };
  return { ok: true, entries, beside: split.beside };
}
