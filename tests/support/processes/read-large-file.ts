import { maximumLargeBytes } from "@/lib/domain/imports/import-kinds";
import { LargeImportFile } from "@/lib/platform/import-files/large-import-file";

// Reads a list of the largest size in pieces, in a process of its own with limited memory.
const rows = 20_000;
const file = new LargeImportFile("Users", null);
const entry = (index: number) => ({
  ...{
    id: `object-${index}`,
    displayName: `Person ${index}`,
    userPrincipalName: `p${index}@contoso.example`,
  },
  about: "x".repeat(Math.floor(maximumLargeBytes / rows) - 100),
});
file.push(Buffer.from("["));
for (let index = 0; index < rows; index += 1)
  file.push(Buffer.from(`${index > 0 ? "," : ""}${JSON.stringify(entry(index))}`));
file.push(Buffer.from("]"));
const read = file.end();
process.stdout.write(
  read.ok ? `${read.rows.length} rows of ${maximumLargeBytes / 1024 / 1024} MiB\n` : read.message,
);
