/**
 * The entries of a JSON array, unparsed, with the line that each begins on. It stops after `most` and then returns
 * one more than that.
 */
export function splitArray(
  text: string,
  most = Number.POSITIVE_INFINITY,
): { ok: true; entries: { line: number; text: string }[] } | { ok: false; message: string } {
  const entries: { line: number; text: string }[] = [];
  let [line, depth, start, startLine] = [1, 0, -1, 0];
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === "\n") line += 1;
    if (quoted) {
      if (character === "\\") index += 1;
      else if (character === '"') quoted = false;
      continue;
    }
    if (character === '"') quoted = true;
    if (depth === 1 && start < 0 && character !== undefined && !/[\s,\]]/.test(character)) {
      start = index;
      startLine = line;
    }
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    const ended = depth === 0 || (depth === 1 && character === ",");
    if (start >= 0 && ended) {
      entries.push({ line: startLine, text: text.slice(start, index) });
      if (entries.length > most) return { ok: true, entries };
      start = -1;
    }
    if (depth === 0 && character === "]") {
      const rest = text.slice(index + 1).trim();
      return rest === ""
        ? { ok: true, entries }
        : { ok: false, message: `Line ${line}: the list ends before the file does.` };
    }
  }
  return { ok: false, message: "The file ends in the middle of its list: it is not whole." };
}
