import {
  type ImportKind,
  maximumArchiveBytes,
  maximumLargeBytes,
  maximumSmallBytes,
} from "@/lib/domain/imports/import-kinds";
import { isZip } from "@/lib/platform/import-files/import-archive";
import type { FileResult } from "@/lib/platform/import-files/import-rows";
import { LargeImportFile } from "@/lib/platform/import-files/large-import-file";
import { readOnlyList } from "@/lib/platform/import-files/zipped-list";
import { busy, inLargeTurn, type NotRead, tooLarge } from "./large-turn";
import { type Begun, discard, eachPiece, readBody } from "./read-body";

const mebibytes = (bytes: number) => `${bytes / 1024 / 1024} MiB`;

/** What a file lists, or why it was not even read. */
type OneRead = { readonly ok: true; readonly file: FileResult } | NotRead;

const notWhole: OneRead = {
  ...{ ok: false, status: 422, reason: "NotWhole" },
  message: "The upload was incomplete, and nothing of it was kept. Choose the file again.",
};
/**
 * Reads one file, a list or an archive of one list, in pieces as it arrives, and uses what it lists. It keeps nothing
 * but its rows. A second large file is refused while one is read. If it waited, its body would have to wait too.
 */
export async function withOneFile<Result>(
  request: Request,
  { kind, name, group }: { readonly kind: ImportKind; readonly name: string; readonly group: string | null },
  use: (read: OneRead) => Promise<Result>,
): Promise<Result> {
  const body = await readBody(request, maximumSmallBytes);
  if (body.state === "CutOff") return use(notWhole);
  const packed = isZip(body.chunks[0] ?? new Uint8Array());
  if (body.state === "Whole" && !packed) {
    const file = new LargeImportFile(kind, group);
    for (const chunk of body.chunks) file.push(chunk);
    return use(read(file));
  }
  return inLargeTurn(
    async () => {
      const file = new LargeImportFile(kind, group);
      return use(
        packed ? await readPacked(request, body, name, file) : await readPieces(request, body, file),
      );
    },
    async () => {
      if (body.state === "Longer") await discard(body.rest);
      return use(busy);
    },
  );
}

async function readPieces(request: Request, body: Begun, file: LargeImportFile): Promise<OneRead> {
  let left = maximumLargeBytes;
  const received = await eachPiece(request, body, (chunk) => {
    left -= chunk.byteLength;
    file.push(chunk);
    return left >= 0 && file.fault === null;
  });
  if (received === null) return notWhole;
  return left < 0 ? tooLarge(`Choose a file of at most ${mebibytes(maximumLargeBytes)}.`) : read(file);
}

/** An archive lists its contents at its end, so it is kept as it was sent. Its list is read in pieces. */
async function readPacked(
  request: Request,
  body: Begun,
  name: string,
  file: LargeImportFile,
): Promise<OneRead> {
  const chunks: Uint8Array[] = [];
  let left = maximumArchiveBytes;
  const received = await eachPiece(request, body, (chunk) => {
    left -= chunk.byteLength;
    chunks.push(chunk);
    return left >= 0;
  });
  if (received === null) return notWhole;
  if (left < 0) return tooLarge(`Choose an archive of at most ${mebibytes(maximumArchiveBytes)}.`);
  const fault = await readOnlyList({ name, bytes: Buffer.concat(chunks) }, maximumLargeBytes, (chunk) => {
    file.push(chunk);
    return file.fault === null;
  });
  return fault === null ? read(file) : { ok: true, file: { ok: false, message: fault } };
}

const read = (file: LargeImportFile): OneRead => ({ ok: true, file: file.end() });
