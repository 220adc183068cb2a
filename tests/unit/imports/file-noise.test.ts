import { describe, expect, it } from "vitest";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { readImportFile } from "@/lib/platform/import-files/import-file";

const ada = { id: "1", displayName: "Ada", userPrincipalName: "ada@contoso.example" };
const list = JSON.stringify([ada], null, 2);
const read = (text: string, kind: ImportKind = "Users") => readImportFile(kind, text);

describe("a person imports a file with noise in it", () => {
  it.each([
    ["a warning", "WARNING: This command is in preview.\n"],
    ["a warning of Windows", "WARNING: You have 2 updates available.\r\n\r\n"],
    ["two lines in brackets", "[Warning] Old version\nPlease upgrade.\n"],
    ["a colour", "\u001b[33mWARNING: preview\u001b[0m\n"],
    ["a prompt", "PS C:\\> az ad user list\n"],
  ])("%s before the list is skipped with a word, and lines keep their numbers", (_, noise) => {
    const lines = noise.split("\n").length - 1;
    expect(read(noise + list)).toMatchObject({
      ok: true,
      rows: [{ line: lines + 2, data: { email: "ada@contoso.example" } }],
      skipped: [expect.stringMatching(/^\d lines? before the list \(“/)],
    });
  });

  it("a warning after the list too", () => {
    expect(read(`${list}\nWARNING: slow\nWarning: old\n`)).toMatchObject({
      ok: true,
      rows: [{}],
      skipped: ["2 warnings after the list"],
    });
  });

  it("an error is no noise, nor is what follows a list or makes it another", () => {
    for (const text of [
      `ERROR: The list is not whole\n${list}`,
      `{"error":\n${list}}`,
      `{"value":\n${list}`,
      `{"value":\n${list}}\n${list}`,
      `${list}\n${list}`,
      `${list}\nERROR: timed out`,
      `WARNING: x\n${list.slice(0, -1)}`,
      "WARNING: nothing came",
    ])
      expect(read(text), text).toMatchObject({ ok: false });
  });

  it("empty rows and columns of a spreadsheet are skipped with a word", () => {
    const text =
      'id,displayName,email,,\r\n1,Ada,ada@contoso.example,,\r\n,,,,\r\n, ,"",,\r\n2,Bob,bob@contoso.example\r\n,,,,';
    expect(read(text)).toMatchObject({
      ok: true,
      rows: [
        { number: 1, line: 2, data: { email: "ada@contoso.example" } },
        { number: 2, line: 5, data: { email: "bob@contoso.example" } },
      ],
      skipped: ["3 empty rows"],
    });
    expect(read(`sep=,\r\n,,\r\nid,displayName,email\r\n1,Ada,ada@contoso.example`)).toMatchObject({
      ok: true,
      rows: [{ line: 4 }],
    });
    expect(read("displayName,email\nAda,ada@contoso.example\n")).toMatchObject({ skipped: [] });
  });

  it("empty rows neither count towards the limit nor hide what follows them", () => {
    const empty = ",,\n".repeat(10_000);
    const text = `id,displayName,email\n${empty}1,Ada,ada@contoso.example\n`;
    expect(read(text)).toMatchObject({ ok: true, rows: [{ number: 1 }], skipped: ["10000 empty rows"] });
    expect(read(`${empty},,\n${text}`)).toMatchObject({
      ok: false,
      message: expect.stringContaining("more than 10,000 rows"),
    });
  });

  it("millions of commas in quotes take no longer than other text", () => {
    const begun = performance.now();
    read(`id,displayName,email\n"${",".repeat(2_000_000)}x`);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it("a cell without a column is no noise", () => {
    expect(read("id,displayName,email,\n1,Ada,ada@contoso.example,x\n")).toMatchObject({
      rows: [{ fault: expect.stringContaining("fields") }],
    });
    expect(read("displayName,email\n,ada@contoso.example\n")).toMatchObject({
      rows: [{ fault: expect.stringContaining("displayName") }],
    });
  });
});
