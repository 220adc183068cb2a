import {
  type ImportKind,
  maximumImportBytes,
  maximumLargeBytes,
  maximumUploadBytes,
} from "@/lib/domain/imports/import-kinds";
import type { UploadRefusal } from "@/lib/identity/attempts/refused-uploads";
import { isZip } from "@/lib/platform/import-files/import-archive";
import type { FileResult } from "@/lib/platform/import-files/import-rows";
import { LargeImportFile } from "@/lib/platform/import-files/large-import-file";
import { readOnlyList } from "@/lib/platform/import-files/zipped-list";
import { type Body, discard, isCutOff, nextOf, type Rest, readBody } from "./read-body";

const mebibytes = (bytes: number) => `${bytes / 1024 / 1024} MiB`;

/** What a file lists, or why it was refused before it was read. */
type OneRead =
  | { readonly ok: true; readonly file: FileResult }
  | { readonly ok: false; readonly status: number; readonly reason: UploadRefusal; readonly message: string };

const notWhole: OneRead = {
  ...{ ok: false, status: 422, reason: "NotWhole" },
  message: "The file did not arrive whole. Nothing of it was kept. Choose it again.",
};
const busy: OneRead = {
  ...{ ok: false, status: 503, reason: "Busy" },
  message: "Another large file is being read now. Try again in a minute.",
};

/** Whether a large file is being read. A process reads one at a time, since the rows of each take memory. */
let reading = false;

/**
 * Reads one file, a list or an archive of one list, in pieces as it arrives, and uses what it lists. It keeps nothing
 * but its rows. A second large file is refused while one is read. If it waited, its body would have to wait too.
 */
export async function withOneFile<Result>(
  request: Request,
  { kind, name, group }: { readonly kind: ImportKind; readonly name: string; readonly group: string | null },
  use: (read: OneRead) => Promise<Result>,
): Promise<Result> {
  const body = await readBody(request, maximumImportBytes);
  if (body.state === "CutOff") return use(notWhole);
  const packed = isZip(body.chunks[0] ?? new Uint8Array());
  if (body.state === "Whole" && !packed) {
    const file = new LargeImportFile(kind, group);
    for (const chunk of body.chunks) file.push(chunk);
    return use(read(file));
  }
  if (reading) {
    if (body.state === "Longer") await discard(body.rest);
    return use(busy);
  }
  reading = true;
  try {
    const file = new LargeImportFile(kind, group);
    return await use(
      packed ? await readPacked(request, body, name, file) : await readPieces(request, body, file),
    );
  } finally {
    reading = false;
  }
}

type Begun = Exclude<Body, { state: "CutOff" }>;

/**
 * Passes each piece of the body to `take` as long as it wants more. Returns how many bytes there were; null if
 * the body was cut off.
 */
async function eachPiece(request: Request, body: Begun, take: (chunk: Uint8Array) => boolean) {
  const begun = [...body.chunks];
  const rest: Rest | null = body.state === "Longer" ? body.rest : null;
  let received = 0;
  for (;;) {
    const chunk = begun.shift() ?? (rest ? await nextOf(rest) : "End");
    if (chunk === "CutOff") return null;
    if (chunk === "End") return isCutOff(request, received) ? null : received;
    received += chunk.byteLength;
    if (take(chunk)) continue;
    if (rest) await discard(rest);
    return received;
  }
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
  let left = maximumUploadBytes;
  const received = await eachPiece(request, body, (chunk) => {
    left -= chunk.byteLength;
    chunks.push(chunk);
    return left >= 0;
  });
  if (received === null) return notWhole;
  if (left < 0) return tooLarge(`Choose an archive of at most ${mebibytes(maximumUploadBytes)}.`);
  const fault = await readOnlyList({ name, bytes: Buffer.concat(chunks) }, maximumLargeBytes, (chunk) => {
    file.push(chunk);
    return file.fault === null;
  });
  return fault === null ? read(file) : { ok: true, file: { ok: false, message: fault } };
}

const read = (file: LargeImportFile): OneRead => ({ ok: true, file: file.end() });
const tooLarge = (message: string): OneRead => ({
  ...{ ok: false, status: 413, reason: "TooLarge", message },
});
