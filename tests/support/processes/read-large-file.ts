import { maximumImportRows, maximumLargeBytes } from "@/lib/domain/imports/import-kinds";
import { LargeImportFile } from "@/lib/platform/import-files/large-import-file";
import { SeveralImportFiles } from "@/lib/platform/import-files/several-import-files";

// Reads a list of the largest size piece by piece, or several lists that have it together, in a process of its own
// whose memory is limited.
function* listOf(first: number, rows: number, bytesEach: number) {
  yield "[";
  for (let index = first; index < first + rows; index += 1) {
    const entry = {
      ...{
        id: `object-${index}`,
        displayName: `Person ${index}`,
        userPrincipalName: `p${index}@contoso.example`,
      },
      about: "x".repeat(bytesEach - 100),
    };
    yield `${index > first ? "," : ""}${JSON.stringify(entry)}`;
  }
  yield "]";
}

function readOne() {
  const rows = 20_000;
  const file = new LargeImportFile("Users", null);
  for (const piece of listOf(0, rows, Math.floor(maximumLargeBytes / rows))) file.push(Buffer.from(piece));
  const read = file.end();
  return read.ok ? read.rows.length : read.message;
}

function readSeveral() {
  const [files, rows] = [4, maximumImportRows];
  const several = new SeveralImportFiles();
  for (let file = 0; file < files; file += 1) {
    several.begin(`users-${file}.json`);
    const some = rows / files;
    for (const piece of listOf(file * some, some, Math.floor(maximumLargeBytes / rows)))
      several.push(Buffer.from(piece));
    several.end();
  }
  const { read } = several.finish();
  return read.ok ? read.files.reduce((sum, each) => sum + each.rows.length, 0) : read.message;
}

const found = process.argv[2] === "several" ? readSeveral() : readOne();
process.stdout.write(
  typeof found === "number" ? `${found} rows of ${maximumLargeBytes / 1024 / 1024} MiB\n` : found,
);
