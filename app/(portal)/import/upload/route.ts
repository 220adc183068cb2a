import { z } from "zod";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { importKinds, maximumImportBytes } from "@/lib/domain/imports/import-kinds";
import { visibleText } from "@/lib/domain/text/names";
import { recordRefusedUpload, type UploadRefusal } from "@/lib/identity/attempts/refused-uploads";
import { isSessionGood } from "@/lib/identity/sessions/sessions";
import { stageImport } from "@/lib/operations/imports/stage-import";
import { application } from "@/lib/platform/application";
import { textOf } from "@/lib/platform/import-file";
import { readPeopleRights } from "@/lib/queries/people/people";
import { currentCaller, requestOrigin } from "@/lib/web/request";

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
 * Accepts an import file as the request body. Reads it in pieces, at most `maximumImportBytes`, and only from a caller
 * who may import. The request must come from a page of this site.
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
  const asked = question.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  const refuse = async (status: number, reason: UploadRefusal, message: string) => {
    const file = asked.success
      ? { import: asked.data.kind, fileName: visibleText(asked.data.name).slice(0, 200) }
      : {};
    await recordRefusedUpload(database, { caller }, reason, file);
    return answer(status, { message });
  };
  if (!(await readPeopleRights(database, caller)).write) {
    const message = "You cannot import. You need Owner or User Access Administrator at the root.";
    return refuse(403, "NotAllowed", message);
  }
  if (!asked.success) return refuse(400, "UnknownKind", "Choose what to import.");
  const bytes = await readBody(request);
  // The session may end while a large file is being sent.
  if (!(await isSessionGood(database, caller.sessionId))) return refuse(401, "SessionEnded", sessionEnded);
  if (bytes === null) {
    return refuse(413, "TooLarge", `Choose a file of at most ${maximumImportBytes / 1024 / 1024} MiB.`);
  }
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
  const result = await stageImport(database, caller, input);
  if (!result.ok) return answer(422, { message: errorMessage(result.error) });
  return answer(200, {
    importId: result.importId,
    ...(result.skipped.length > 0 ? { skipped: `Left out: ${visibleText(result.skipped.join(", "))}.` } : {}),
  });
}

/** Reads the whole body. Returns null, and stops reading, once it is too long. */
async function readBody(request: Request): Promise<Uint8Array | null> {
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    received += value.byteLength;
    if (received > maximumImportBytes) {
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
