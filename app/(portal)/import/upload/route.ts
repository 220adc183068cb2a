import { z } from "zod";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { importKinds, maximumHeadBytes, severalKinds } from "@/lib/domain/imports/import-kinds";
import { visibleText } from "@/lib/domain/text/unseen";
import { recordRefusedUpload, type UploadRefusal } from "@/lib/identity/attempts/refused-uploads";
import { isSessionGood } from "@/lib/identity/sessions/sessions";
import { stageFiles } from "@/lib/operations/imports/stage-files";
import { type StagedImport, stageRows } from "@/lib/operations/imports/stage-import";
import { application } from "@/lib/platform/application";
import { readPeopleRights } from "@/lib/queries/people/people";
import { currentCaller, requestOrigin } from "@/lib/web/request";
import { withOneFile } from "./one-file";
import { withSeveralFiles } from "./several-files";

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
 * Accepts an import file as the request body, or several one after the other. Reads it in pieces, at most as many
 * bytes as are allowed, and only from a caller who may import. The request must come from a page of this site.
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
  // The session may end while a large file is being sent.
  const sessionIsOver = async () => !(await isSessionGood(database, caller.sessionId));
  const choices = {
    capToMaximum: asked.data.cap === "1",
    removeMembers: asked.data.removeMembers === "1",
  };
  if ("head" in asked.data) {
    return withSeveralFiles(request, asked.data.head, async (found) => {
      if (await sessionIsOver()) return refuse(401, "SessionEnded", sessionEnded);
      if (!found.ok) return refuse(found.status, found.reason, found.message);
      return staged(await stageFiles(database, caller, { files: found.files, ...choices }));
    });
  }
  const { kind, name, group } = asked.data;
  return withOneFile(request, { kind, name, group: group || null }, async (found) => {
    if (await sessionIsOver()) return refuse(401, "SessionEnded", sessionEnded);
    if (!found.ok) return refuse(found.status, found.reason, found.message);
    return staged(await stageRows(database, caller, { kind, fileName: name, ...choices }, found.file));
  });
}

function staged(result: Awaited<StagedImport>): Response {
  if (!result.ok) return answer(422, { message: errorMessage(result.error) });
  return answer(200, {
    importId: result.importId,
    ...(result.skipped.length > 0 ? { skipped: `Left out: ${visibleText(result.skipped.join(", "))}.` } : {}),
  });
}

/** Browsers send the origin of a POST in one header or both. Neither may name another site. */
function fromThisSite(headers: Headers): boolean {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin === null && site === null) return false;
  if (site !== null && site !== "same-origin") return false;
  return origin === null || (URL.canParse(origin) && new URL(origin).host === headers.get("host"));
}
