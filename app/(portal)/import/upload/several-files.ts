import { z } from "zod";
import { maximumArchiveFiles, maximumImportBytes } from "@/lib/domain/imports/import-kinds";
import { visibleText } from "@/lib/domain/text/unseen";
import { isolated } from "@/lib/domain/text/visible-text";
import type { UploadRefusal } from "@/lib/identity/attempts/refused-uploads";
import { type UploadedFile, unpackUpload } from "@/lib/platform/import-files/import-archive";
import { textOf } from "@/lib/platform/import-files/import-file";

const parts = z
  .array(z.object({ name: z.string().max(500), size: z.number().int().min(0) }))
  .min(1)
  .max(maximumArchiveFiles);

type FilesFound =
  | { readonly ok: true; readonly files: { readonly name: string; readonly content: string }[] }
  | { readonly ok: false; readonly status: number; readonly reason: UploadRefusal; readonly message: string };

/** The texts of several files, including those in archives. */
export async function filesOf(bytes: Uint8Array, head: number): Promise<FilesFound> {
  const refused = (status: number, reason: UploadRefusal, message: string): FilesFound => ({
    ...{ ok: false, status, reason, message },
  });
  const uploaded = partsOf(bytes, head);
  if (uploaded === null)
    return refused(422, "NotWhole", "The files did not arrive whole. Choose them again.");
  const unpacked = await unpackUpload(uploaded);
  if (!unpacked.ok) return refused(422, "NotWhole", unpacked.message);
  const files: { name: string; content: string }[] = [];
  for (const each of unpacked.files) {
    const name = isolated(visibleText(each.name));
    if (each.bytes.length > maximumImportBytes)
      return refused(
        413,
        "TooLarge",
        `${name} has more than ${maximumImportBytes / 1024 / 1024} MiB. Import it alone, with what it lists.`,
      );
    const content = textOf(each.bytes);
    if (content === null) return refused(422, "NotText", `${name} is not UTF-8 text. Save it as UTF-8.`);
    files.push({ name: each.name, content });
  }
  return { ok: true, files };
}

/** The files that the body consists of. Null if it does not begin with their names and exact lengths. */
function partsOf(bytes: Uint8Array, head: number): UploadedFile[] | null {
  let named: unknown;
  try {
    named = JSON.parse(textOf(bytes.subarray(0, head)) ?? "");
  } catch {
    return null;
  }
  const read = parts.safeParse(named);
  if (!read.success || read.data.reduce((sum, { size }) => sum + size, head) !== bytes.length) return null;
  let start = head;
  return read.data.map(({ name, size }) => {
    start += size;
    return { name, bytes: bytes.subarray(start - size, start) };
  });
}
