/** Within how many lines and characters from the beginning of a file noise is searched for. */
const mostLines = 50;
export const mostCharacters = 20_000;

const beginsList = /^\s*\[\s*(?:$|[{\]])/;
/** An answer of an API, which keeps its list in `value`. */
const beginsAnswer = /^\s*\{\s*"(?:value|nextLink|count|@odata\.[a-zA-Z]+)"\s*:/;
const isWarning = /^\W*warn/i;

/** A file without what does not belong to its list, line for line, and what was left out, in words. */
export interface QuietFile {
  readonly text: string;
  readonly skipped: readonly string[];
}

/**
 * Blanks the lines before a list that do not belong to it, such as a warning of the command line that
 * wrote it, or `sep=,` of a spreadsheet, and warnings after it. Lines keep their numbers. An error is
 * not noise, since the list may be incomplete.
 */
export function withoutNoise(text: string, columns: readonly string[]): QuietFile {
  const { isList, ...begun } = withoutFirstNoise(text, columns);
  return isList ? withoutLastNoise(begun) : begun;
}

/**
 * The same for the beginning alone, of which `text` has at least `mostCharacters`; and whether a JSON list begins
 * there.
 */
export function withoutFirstNoise(
  text: string,
  columns: readonly string[],
): QuietFile & { readonly isList: boolean } {
  const lines = text.slice(0, mostCharacters).split("\n", mostLines);
  const beginsTable = (line: string) =>
    line.split(",").some((cell) => columns.some((name) => name.toLowerCase() === bare(cell)));
  const answerAt = (index: number) => beginsAnswer.test(lines.slice(index, index + 3).join("\n"));
  const first = lines.findIndex(
    (line, index) => beginsList.test(line) || beginsTable(line) || answerAt(index),
  );
  const before = lines.slice(0, Math.max(first, 0)).filter((line) => line.trim() !== "");
  if (before.some((line) => /^\W*(?:error|\{)/i.test(line) || line.includes("\0")))
    return { text, skipped: [], isList: false };
  const rest = first > 0 ? "\n".repeat(first) + text.split("\n").slice(first).join("\n") : text;
  const isList = first >= 0 && (beginsList.test(lines[first] ?? "") || answerAt(first));
  const shown = before[0]?.trim().slice(0, 80);
  const skipped = before.length > 0 ? [`${counted(before.length, "line")} before the list (“${shown}”)`] : [];
  return { text: rest, skipped, isList };
}

/** The end of a list in JSON, without the warnings after it. */
export function withoutLastNoise({ text, skipped }: QuietFile): QuietFile {
  const [kept, after] = withoutLastWarnings(text);
  return {
    text: kept,
    skipped: [...skipped, ...(after > 0 ? [`${counted(after, "warning")} after the list`] : [])],
  };
}

/** Such as `3 empty rows`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function bare(cell: string): string {
  return cell.trim().replaceAll('"', "").toLowerCase();
}

function withoutLastWarnings(text: string): readonly [string, number] {
  let [rest, count] = [text.trimEnd(), 0];
  for (;;) {
    const start = rest.lastIndexOf("\n") + 1;
    if (start === 0 || count === mostLines || !isWarning.test(rest.slice(start))) return [rest, count];
    rest = rest.slice(0, start).trimEnd();
    count += 1;
  }
}
