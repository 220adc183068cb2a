import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvAddress, csvHead, csvLine, jsonLine } from "@/lib/domain/text/comma-separated";

const root = join(import.meta.dirname, "../../..");

/** The cells that a spreadsheet makes of a line: with a foreign separator, quotes within a cell mean nothing. */
function cellsBy(separator: string, line: string): string[] {
  const rows = line.split(/[\r\n]+/);
  return rows.flatMap((row) => row.split(separator)).map((cell) => cell.replace(/^[\s"]+/, ""));
}

const starts = /^[=+\-@＝＋－＠]/;

describe("a person opens an exported CSV file in a spreadsheet", () => {
  it("reads names with letters beyond ASCII, since the file begins with a byte order mark", () => {
    const file = Buffer.from(csvHead(["name"]) + csvLine(["Zoë Müller"]));
    expect([...file.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const chart = decodeURIComponent(csvAddress(["role"], [["Prüfer"]]).split(",", 2)[1] ?? "");
    expect(chart.startsWith("\uFEFFrole\r\n")).toBe(true);
  });

  it.each([
    "=1+1",
    " =1+1",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "a;=1+1",
    "a; =1+1",
    'a;"=1+1"',
    "a\n=1+1",
    "a\r\n@SUM(1)",
    "a\r-1",
    "a\t+1",
    "a,=1+1",
    "＝1+1",
    "a;＠x",
    "=;=;=",
  ])("runs no formula of %j, whatever separates lists there", (text) => {
    for (const separator of [";", "\t"])
      for (const cell of cellsBy(separator, csvLine(["x", text, "y"]))) expect(cell).not.toMatch(starts);
    const [[, cell] = []] = parse(csvLine(["x", text, "y"])) as string[][];
    expect(cell).toMatch(/'|⟨U\+000D⟩/);
    expect(cell).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/);
  });

  it("runs no formula of any text", () => {
    const parts = fc.constantFrom("=", "+", "-", "@", ";", ",", "\t", "\r", "\n", '"', " ", "a", "＝", "'");
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (all) => {
        const line = csvLine([all.join(""), "y"]);
        for (const separator of [";", "\t"])
          for (const cell of cellsBy(separator, line)) expect(cell).not.toMatch(starts);
        const [cells] = parse(line) as string[][];
        expect(cells).toHaveLength(2);
        for (const row of cells?.[0]?.split("\n") ?? []) expect(row).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/);
      }),
    );
  });

  it("reads figures as figures and moments as moments", () => {
    expect(csvLine([-5, 12n, new Date("2026-03-02T09:00:00Z"), ["a", "b"], null])).toBe(
      "-5,12,2026-03-02T09:00:00.000Z,a b,\r\n",
    );
    expect(csvLine(["Müller, Ada", 'say "x"', "a;b"])).toBe('"Müller, Ada","say ""x""","a;b"\r\n');
  });
});

it("is written by one writer, whatever is exported", () => {
  const files = ["app", "components", "lib", "scripts"]
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map(
        (path) => `${folder}/${path}`,
      ),
    )
    .filter((path) => /\.(?:tsx?|mjs)$/.test(path) && !path.includes("generated/"));
  const writers = files.filter((path) => {
    const text = readFileSync(join(root, path), "utf8").replaceAll(/accept="[^"]*"/g, "");
    return /csv-stringify|text\/csv|\\uFEFF["'`$]|replace(?:All)?\((?:'"'|\/"\/g), *["']""["']/.test(text);
  });
  expect(writers).toEqual(["lib/domain/text/comma-separated.ts"]);
});

describe("an exported line of JSON", () => {
  it("escapes what is invisible or acts on the text around it, and reads back as it was", () => {
    const value = { name: "Ada\u202ekcolB\u2028\u{e0041}", count: 2 };
    const line = jsonLine(value);
    expect(line).toBe(String.raw`{"name":"Ada\u202ekcolB\u2028\udb40\udc41","count":2}`);
    expect(JSON.parse(line)).toEqual(value);
    expect(jsonLine({ name: "Zoë Müller" })).toBe('{"name":"Zoë Müller"}');
  });
});

describe("a field of an exported CSV file", () => {
  it("is a number or a moment as it is", () => {
    expect(csvLine([-7, 12n, new Date("2026-03-02T09:00:00Z"), null])).toBe(
      "-7,12,2026-03-02T09:00:00.000Z,\r\n",
    );
    expect(csvLine([-12n])).toBe("-12\r\n");
  });

  it("keeps a tab within it, and has an apostrophe before one that begins it", () => {
    expect(csvLine(["a\tb"])).toBe('"a\tb"\r\n');
    expect(csvLine(["\ta"])).toBe(`"'\ta"\r\n`);
  });
});
