import { z } from "zod";
import {
  maximumArchiveBytes,
  maximumArchiveFiles,
  maximumLargeBytes,
  maximumSmallBytes,
} from "@/lib/domain/imports/import-kinds";
import {
  ArchiveFault,
  isZip,
  readArchive,
  tooLargeTogether,
} from "@/lib/platform/import-files/import-archive";
import { textOf } from "@/lib/platform/import-files/import-file";
import { SeveralImportFiles, type SeveralRead } from "@/lib/platform/import-files/several-import-files";
import { busy, inLargeTurn, type NotRead, tooLarge } from "./large-turn";
import { type Begun, discard, eachPiece, readBody } from "./read-body";

const parts = z
  .array(z.object({ name: z.string().max(500), size: z.number().int().min(0) }))
  .min(1)
  .max(maximumArchiveFiles);

/** What the files list, or why they were not even read. */
type FilesRead = { readonly ok: true; readonly files: SeveralRead } | NotRead;

const notWhole: NotRead = {
  ...{ ok: false, status: 422, reason: "NotWhole" },
  message: "The upload was incomplete, and nothing of it was kept. Choose the files again.",
};

/**
 * Reads an upload of several files piece by piece as they arrive, and passes their content to `use`. The body begins
 * with a head of `head` bytes, which lists the name and length of each file; the files follow one another. As with a
 * single file, a second large upload is refused while one is being read.
 */
export async function withSeveralFiles<Result>(
  request: Request,
  head: number,
  use: (read: FilesRead) => Promise<Result>,
): Promise<Result> {
  const body = await readBody(request, head + maximumSmallBytes);
  if (body.state === "CutOff") return use(notWhole);
  const parted = new PartedBody(head);
  const read = async () => use(await readPieces(request, body, parted));
  // A small archive may expand to a large one, so an upload with an archive always takes its turn.
  if (body.state === "Whole" && !body.chunks.some(mayHoldArchive)) return read();
  return inLargeTurn(read, async () => {
    if (body.state === "Longer") await discard(body.rest);
    return use(busy);
  });
}

/** Whether a chunk contains the signature of a ZIP archive, which no text file has. */
const mayHoldArchive = (chunk: Uint8Array) => Buffer.from(chunk).includes("PK\u0003\u0004");

async function readPieces(request: Request, body: Begun, parted: PartedBody): Promise<FilesRead> {
  const received = await eachPiece(request, body, async (chunk) => {
    await parted.push(chunk);
    return parted.refused === null && parted.several.fault === null;
  });
  if (received === null) return notWhole;
  return parted.end();
}

/** A body of several files, taken apart as it arrives. */
class PartedBody {
  readonly several = new SeveralImportFiles();
  refused: NotRead | null = null;
  private named: Buffer[] = [];
  private missing: number;
  private parts: readonly { readonly name: string; readonly size: number }[] | null = null;
  private at = 0;
  /**
   * Of the file that is read: how much of it is to come, its first bytes until they say whether it is an archive, and
   * that.
   */
  private left = 0;
  private first: Buffer | null = null;
  private archive: Buffer[] | null = null;
  /** How much all files may have yet, with what is in archives; and the archives. */
  private most = maximumLargeBytes;
  private mostArchived = maximumArchiveBytes;

  constructor(head: number) {
    this.missing = head;
  }

  async push(chunk: Uint8Array): Promise<void> {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.parts === null) {
      const taken = rest.subarray(0, this.missing);
      this.named.push(taken);
      this.missing -= taken.length;
      rest = rest.subarray(taken.length);
      if (this.missing > 0) return;
      this.parts = partsOf(Buffer.concat(this.named));
      this.named = [];
      if (this.parts === null) {
        this.refused = notWhole;
        return;
      }
      if (this.parts.reduce((sum, { size }) => sum + size, 0) > maximumLargeBytes)
        this.refused = tooLarge(`Choose files of at most ${maximumLargeBytes / 1024 / 1024} MiB.`);
      await this.beginNext();
    }
    while (rest.length > 0 && this.refused === null && this.several.fault === null) {
      if (this.at > this.parts.length) {
        this.refused = notWhole;
        return;
      }
      const piece = rest.subarray(0, this.left);
      rest = rest.subarray(piece.length);
      this.left -= piece.length;
      this.take(piece);
      if (this.left === 0) {
        await this.endFile();
        await this.beginNext();
      }
    }
  }

  /** What the files list, once all of the body has come. */
  end(): FilesRead {
    if (this.refused !== null) return this.refused;
    const whole = this.parts !== null && this.at > this.parts.length;
    if (!whole && this.several.fault === null) return notWhole;
    return { ok: true, files: this.several.finish() };
  }

  /** Begins the next file, and ends those that are empty. */
  private async beginNext(): Promise<void> {
    for (;;) {
      const part = this.parts?.[this.at];
      this.at += 1;
      if (!part) return;
      this.left = part.size;
      this.first = Buffer.alloc(0);
      this.archive = null;
      if (part.size > 0) return;
      await this.endFile();
    }
  }

  private take(piece: Buffer): void {
    if (this.first !== null) {
      this.first = Buffer.concat([this.first, piece]);
      if (this.first.length < 4 && this.left > 0) return;
      const begun = this.first;
      this.first = null;
      if (isZip(begun)) this.archive = [];
      else this.several.begin(this.name);
      this.keep(begun);
    } else this.keep(piece);
  }

  private keep(piece: Buffer): void {
    if (this.archive === null) {
      this.most -= piece.length;
      if (this.most < 0) this.several.refuse(tooLargeTogether);
      this.several.push(piece);
      return;
    }
    this.mostArchived -= piece.length;
    if (this.mostArchived < 0)
      this.refused = tooLarge(`Choose archives of at most ${maximumArchiveBytes / 1024 / 1024} MiB.`);
    else this.archive.push(piece);
  }

  private async endFile(): Promise<void> {
    if (this.archive === null) {
      if (this.first !== null) this.several.begin(this.name);
      this.several.end();
      return;
    }
    const bytes = Buffer.concat(this.archive);
    this.archive = null;
    try {
      this.most -= await readArchive({ name: this.name, bytes }, this.most, this.several);
    } catch (fault) {
      if (!(fault instanceof ArchiveFault)) throw fault;
      this.several.refuse(fault.message);
    }
  }

  private get name(): string {
    return this.parts?.[this.at - 1]?.name ?? "";
  }
}

/** The names and exact lengths that a body begins with; null if it does not. */
function partsOf(bytes: Uint8Array) {
  try {
    const read = parts.safeParse(JSON.parse(textOf(bytes) ?? ""));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
