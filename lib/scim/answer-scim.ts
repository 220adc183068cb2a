import { badRequest, ScimFault } from "@/lib/domain/directories/scim-fault";
import { directoryOf } from "@/lib/identity/directories/directory-token";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { limitConcurrency, unlessBusy } from "@/lib/platform/concurrency-limit";
import type { Database } from "@/lib/platform/database";
import { isRetryable, sqlState } from "@/lib/platform/database-errors";
import { answerBulk } from "@/lib/scim/bulk";
import { type Answer, type Call, faultAnswer, notAllowed, notFound } from "@/lib/scim/call";
import { discovered } from "@/lib/scim/discovery";
import { answerResources } from "@/lib/scim/resources";

/** The largest body, and the longest address, in bytes. The front door refuses larger ones before. */
export const mostBodyBytes = 1024 * 1024;

/** How many requests of directories one process handles at once, and how many of one directory may wait. */
const inTurn = limitConcurrency({ atOnce: 8, waitingOfOne: 64, waitingInAll: 256 });

const unauthorised = { "www-authenticate": 'Bearer realm="SCIM"' };

/**
 * Answers a request to `/scim/v2` (RFC 7644). It accepts only the token of a directory; cookies are not read.
 * Every fault is reported as a SCIM error.
 */
export async function answerScim(
  database: Database,
  request: Request,
  from: Origin & { readonly correlationId: string; readonly base: string },
): Promise<Response> {
  const directory = await directoryOf(database, request.headers.get("authorization"), from);
  if (directory === "TooMany")
    return respond(request, faultAnswer(429, null, "Too many wrong tokens.", { "retry-after": "60" }));
  if (directory === "Missing" || directory === "Wrong") {
    const detail = "Send the token of a directory as “Authorization: Bearer …”.";
    return respond(request, faultAnswer(401, null, detail, unauthorised));
  }
  const url = new URL(request.url);
  const path = url.pathname.split("/").slice(3).map(decoded);
  const call: Call = {
    ...{ database, directory, base: from.base, path: path.filter((part) => part !== "") },
    method: request.method === "HEAD" ? "GET" : request.method,
    query: new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value])),
    body: () => readJson(request),
    ifMatch: request.headers.get("if-match"),
    ifNoneMatch: request.headers.get("if-none-match"),
  };
  const busy = faultAnswer(429, null, "Too many requests at once.", { "retry-after": "5" });
  return respond(request, await unlessBusy(() => inTurn(directory.directoryId, () => answered(call)), busy));
}

/** The answer to one request. Faults of the program are rethrown. */
export async function answered(call: Call): Promise<Answer> {
  try {
    return await dispatched(call);
  } catch (thrown) {
    if (thrown instanceof ScimFault) return faultAnswer(thrown.status, thrown.scimType, thrown.message);
    // It still fails after all attempts of the transaction.
    if (isRetryable(thrown) || sqlState(thrown) === "55P03")
      return faultAnswer(503, null, "Others change the same now. Try again.", { "retry-after": "5" });
    throw thrown;
  }
}

async function dispatched(call: Call): Promise<Answer> {
  const [first = ""] = call.path;
  switch (first.toLowerCase()) {
    case "users":
      return answerResources(call, "User");
    case "groups":
      return answerResources(call, "Group");
    case "bulk":
      if (call.path.length > 1) return notFound();
      return call.method === "POST" ? answerBulk(call, answered) : notAllowed("POST");
    case "serviceproviderconfig":
    case "resourcetypes":
    case "schemas":
      return call.method === "GET" ? discovered(call) : notAllowed("GET", "HEAD");
    case "me":
    case ".search":
      return faultAnswer(501, null, "Postern does not offer this.");
    default:
      return notFound();
  }
}

/** A part of a path. The front door refuses what cannot be decoded. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function readJson(request: Request): Promise<unknown> {
  const text = await textOf(request);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("invalidSyntax", "The body is not JSON.");
  }
}

async function textOf(request: Request): Promise<string> {
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let received = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) break;
    received += value.byteLength;
    if (received > mostBodyBytes) {
      await reader?.cancel();
      throw new ScimFault(413, null, `Send at most ${mostBodyBytes} bytes.`);
    }
    chunks.push(value);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw badRequest("invalidSyntax", "The body is not UTF-8.");
  }
}

function respond(request: Request, { status, body, headers = {} }: Answer): Response {
  const empty = body === undefined || request.method === "HEAD";
  return new Response(empty ? null : JSON.stringify(body), {
    status,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/scim+json; charset=utf-8" }),
      "cache-control": "no-store",
      ...headers,
    },
  });
}
