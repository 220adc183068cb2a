import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { readImportFile } from "@/lib/platform/import-files/import-file";
import { LargeImportFile } from "@/lib/platform/import-files/large-import-file";

/** Reads a file in pieces of these sizes, repeatedly. */
function inPieces(
  kind: ImportKind,
  bytes: Uint8Array,
  sizes: readonly number[],
  group: string | null = null,
) {
  const file = new LargeImportFile(kind, group);
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    file.push(bytes.subarray(start, start + size));
    start += size;
  }
  return file.end();
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 3_000, max: 70_000 })), {
  minLength: 1,
  maxLength: 4,
});
/** Names of people, and texts that break a file that is cut in the wrong place. */
const name = fc.constantFrom(
  "Ada",
  "Zoë 🙂",
  'say ""hi""',
  "two\nlines",
  "a,b",
  "x\r\ny",
  "",
  "ÄÖ".repeat(90),
);
const rows = (seed: readonly string[], count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `id-${index}`,
    name: seed[index % seed.length] ?? "",
  }));

describe("a file that is read piece by piece", () => {
  it("lists in JSON what it lists as a whole, with noise around it, wherever it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 6 }),
        sizes,
        fc.constantFrom(0, 1),
        fc.constantFrom("", "WARNING: old\n"),
        fc.boolean(),
        (names, cut, indent, noise, answers) => {
          const list = rows(names, 500).map(({ id, name: displayName }) => ({
            ...{ id, displayName, userPrincipalName: `${id}@contoso.example` },
          }));
          const text = JSON.stringify(answers ? { value: list, nextLink: null } : list, null, indent);
          // Noise is recognised before a list, and before an answer that begins on a line of its own.
          const whole = `${answers ? "" : noise}${text}\n${noise}`;
          expect(inPieces("Users", Buffer.from(whole), cut)).toEqual(readImportFile("Users", whole));
        },
      ),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it("lists in CSV what it lists as a whole, by the same lines, wherever it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 6 }),
        sizes,
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.constantFrom("", "sep=,\n", "\n\n"),
        (names, cut, end, before) => {
          const lines = rows(names, 5_300).flatMap(({ id, name: displayName }, index) => [
            `${id},"${displayName.includes('""') ? displayName : displayName.replaceAll('"', '""')}",${id}@contoso.example`,
            ...(index % 1_000 === 7 ? [",,", "", "too,few"] : []),
          ]);
          const whole = before + ["id,displayName,email", ...lines].join(end);
          expect(inPieces("Users", Buffer.from(whole), cut)).toEqual(readImportFile("Users", whole));
        },
      ),
      { numRuns: 3, endOnFailure: true },
    );
    // Pieces of one byte take ten seconds of a processor.
  }, 120_000);

  it("is refused for what a whole one is refused for, cut off or not, and then keeps nothing", () => {
    const user = (index: number) => ({ id: `${index}`, displayName: "A", mail: `a${index}@contoso.example` });
    const list = JSON.stringify(Array.from({ length: 2_000 }, (_, index) => user(index)));
    const refused = (bytes: Uint8Array) => {
      const read = inPieces("Users", bytes, [50_000]);
      return read.ok ? "read" : read.message;
    };
    expect(refused(Buffer.from(list.slice(0, -40)))).toContain("is incomplete");
    expect(refused(Buffer.from(`${list}[]`))).toContain("the list ends before the file does");
    expect(refused(Buffer.from(`{"value":${list},"nextLink":"https://x"}`))).toContain("first page");
    expect(refused(Buffer.from(`[${" ".repeat(90_000)}]`))).toBe("The file has no rows.");
    expect(refused(Buffer.from("id,other\n".padEnd(90_000, "x,y\n")))).toContain("“other” is none of them");
    expect(refused(Buffer.from(`id,displayName,email\n"${"x".repeat(2_100_000)}`))).toContain("too long");
    expect(refused(Buffer.from(`id,displayName,email${"\n".repeat(400_000)}`))).toContain("lines");
    const bytes = Buffer.from(list);
    expect(refused(Buffer.concat([bytes.subarray(0, 60_000), Buffer.from([0xff])]))).toContain("not UTF-8");
    expect(refused(Buffer.concat([bytes.subarray(0, 60_000), Buffer.from([0])]))).toContain(
      "not a text file",
    );
    expect(refused(Buffer.from(`\u{feff}${list}`, "utf16le"))).toBe("read");
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    expect(inPieces("Users", Buffer.from(`[${JSON.stringify(user(1))},${deep}]`), [65_536])).toMatchObject({
      rows: [{ number: 1, line: 1 }, { fault: expect.any(String) }],
    });
  });

  it("has no more rows, and keeps no more of them, than is allowed: then the rest is not wanted", () => {
    const list = (count: number) =>
      Buffer.from(
        JSON.stringify(Array.from({ length: count }, (_, id) => ({ id: `${id}`, displayName: "A" }))),
      );
    const read = (count: number, limits: { rows: number; text: number }) => {
      const file = new LargeImportFile("Groups", null, limits);
      file.push(list(count));
      const early = file.fault;
      const result = file.end();
      return [early === null, result.ok ? result.rows.length : result.message];
    };
    expect(read(700, { rows: 700, text: 1e6 })).toEqual([true, 700]);
    expect(read(2_000, { rows: 700, text: 1e6 })).toEqual([
      false,
      "The file has more than 700 rows. Import fewer at a time.",
    ]);
    expect(read(2_000, { rows: 1e6, text: 20_000 })[1]).toContain("are too large");
  });

  it("is refused at once if it begins with more empty lines than a file has", () => {
    const begun = performance.now();
    const bytes = Buffer.from(`${"\n".repeat(400_000)}displayName\nAda\n`);
    expect(inPieces("Groups", bytes, [64_000])).toMatchObject({
      ok: false,
      message: "The file has more than 100,000 lines.",
    });
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
