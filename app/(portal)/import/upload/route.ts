import { z } from "zod";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import {
  importKinds,
  maximumArchiveFiles,
  maximumHeadBytes,
  maximumImportBytes,
  maximumUploadBytes,
  severalKinds,
} from "@/lib/domain/imports/import-kinds";
import { visibleText } from "@/lib/domain/text/unseen";
import { isolated } from "@/lib/domain/text/visible-text";
import { recordRefusedUpload, type UploadRefusal } from "@/lib/identity/attempts/refused-uploads";
import { isSessionGood } from "@/lib/identity/sessions/sessions";
import { stageFiles } from "@/lib/operations/imports/stage-files";
import { stageImport } from "@/lib/operations/imports/stage-import";
import { application } from "@/lib/platform/application";
import { type UploadedFile, unpackUpload } from "@/lib/platform/import-files/import-archive";
import { textOf } from "@/lib/platform/import-files/import-file";
import { readPeopleRights } from "@/lib/queries/people/people";
import { currentCaller, requestOrigin } from "@/lib/web/request";

const parts = z
  .array(z.object({ name: z.string().max(500), size: z.number().int().min(0) }))
  .min(1)
  .max(maximumArchiveFiles);

const several = z.object({
  kind: z.literal(severalKinds),
  head: z.coerce.number().int().min(2).max(maximumHeadBytes),
  cap: z.literal("1").optional(),
  removeMembers: z.literal("1").optional(),
});
const question = z.object({
  kind: z.string().refine((kind): kind is keyof typeof importKinds => Object.hasOwn(importKinds, kind)),
  name: z.string().max(500),
  cap: z.literal("1").optional(),
  removeMembers: z.literal("1").optional(),
  group: z.string().trim().max(1_000).optional(),
});

const sessionEnded = "Your session has ended. Sign in again, then choose the file again.";

/** The response for the page's script. */
function answer(
  status: number,
  body: { importId: string; skipped?: string } | { message: string },
): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store" } });
}

/**
 * Accepts an import file as the request body, or several one after the other. Reads it in pieces, at most so many bytes as are
 * allowed, and only from a caller who may import. The request must come from a page of this site.
 */
export async function POST(request: Request): Promise<Response> {
  if (!fromThisSite(request.headers)) {
    return answer(403, { message: "This request came from another site." });
  }
  const { database } = application();
  const caller = await currentCaller();
  if (!caller) {
    await recordRefusedUpload(database, { origin: await requestOrigin() }, "NoSession");
    return answer(401, { message: sessionEnded });
  }
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const asked = question.or(several).safeParse(query);
  const refuse = async (status: number, reason: UploadRefusal, message: string) => {
    const file = asked.success
      ? {
          import: asked.data.kind,
          ...("name" in asked.data ? { fileName: visibleText(asked.data.name).slice(0, 200) } : {}),
        }
      : {};
    await recordRefusedUpload(database, { caller }, reason, file);
    return answer(status, { message });
  };
  if (!(await readPeopleRights(database, caller)).write) {
    const message = "You cannot import. You need Owner or User Access Administrator at the root.";
    return refuse(403, "NotAllowed", message);
  }
  if (!asked.success) return refuse(400, "UnknownKind", "Choose what to import.");
  const head = "head" in asked.data ? asked.data.head : 0;
  const most = head > 0 ? maximumUploadBytes : maximumImportBytes;
  const bytes = await readBody(request, head + most);
  // The session may end while a large file is being sent.
  if (!(await isSessionGood(database, caller.sessionId))) return refuse(401, "SessionEnded", sessionEnded);
  if (bytes === null) return refuse(413, "TooLarge", `Choose files of at most ${most / 1024 / 1024} MiB.`);
  if (asked.data.kind === severalKinds && "head" in asked.data) {
    const found = await filesOf(bytes, asked.data.head);
    if (!found.ok) return refuse(found.status, found.reason, found.message);
    const { cap, removeMembers } = asked.data;
    const input = {
      files: found.files,
      capToMaximum: cap === "1",
      removeMembers: removeMembers === "1",
    };
    return staged(await stageFiles(database, caller, input));
  }
  if ("head" in asked.data) return refuse(400, "UnknownKind", "Choose what to import.");
  const content = textOf(bytes);
  if (content === null) return refuse(422, "NotText", "The file is not UTF-8 text. Save it as UTF-8.");
  const { kind, name, cap, removeMembers, group } = asked.data;
  const input = {
    kind,
    fileName: name,
    content,
    capToMaximum: cap === "1",
    removeMembers: removeMembers === "1",
    group: group || null,
  };
  return staged(await stageImport(database, caller, input));
}

function staged(result: Awaited<ReturnType<typeof stageImport>>): Response {
  if (!result.ok) return answer(422, { message: errorMessage(result.error) });
  return answer(200, {
    importId: result.importId,
    ...(result.skipped.length > 0 ? { skipped: `Left out: ${visibleText(result.skipped.join(", "))}.` } : {}),
  });
}

type FilesFound =
  | { readonly ok: true; readonly files: { readonly name: string; readonly content: string }[] }
  | { readonly ok: false; readonly status: number; readonly reason: UploadRefusal; readonly message: string };

/** The texts of several files, with what is in archives. */
async function filesOf(bytes: Uint8Array, head: number): Promise<FilesFound> {
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
      return refused(413, "TooLarge", `${name} has more than ${maximumImportBytes / 1024 / 1024} MiB.`);
    const content = textOf(each.bytes);
    if (content === null) return refused(422, "NotText", `${name} is not UTF-8 text. Save it as UTF-8.`);
    files.push({ name: each.name, content });
  }
  return { ok: true, files };
}

/** The files that the body is made of; null if it does not begin with their names and exact lengths. */
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

/** Reads the whole body. Returns null, and stops reading, once it is too long. */
async function readBody(request: Request, most: number): Promise<Uint8Array | null> {
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    received += value.byteLength;
    if (received > most) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
}

/** Browsers send the origin of a POST in one header or both. Neither may name another site. */
function fromThisSite(headers: Headers): boolean {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin === null && site === null) return false;
  if (site !== null && site !== "same-origin") return false;
  return origin === null || (URL.canParse(origin) && new URL(origin).host === headers.get("host"));
}
