import type { IncomingMessage, ServerResponse } from "node:http";
import {
  maximumHeadBytes,
  maximumImportBytes,
  maximumUploadBytes,
  severalKinds,
} from "@/lib/domain/imports/import-kinds";
import { meter } from "@/lib/platform/meter";
import { answerPlainly, isScim, type PlainAnswer } from "@/lib/server/http/plain-answer";

/**
 * The limit of a form: the `bodySizeLimit` of next.config.js, so that it is refused here and not by an error of
 * Next.js.
 */
const maximumBody = 256 * 1024;
/** The limit of what a directory sends (`mostBodyBytes` in lib/scim). */
const maximumScim = 1024 * 1024;

/** The address to which import files are sent. Its route reads them for signed-in administrators only. */
export const importPath = "/import/upload";

/**
 * The limit of one file, or of several with what says where each begins. The route could refuse a file that is too long,
 * but whoever sends it would wait for the answer until they have sent it all.
 */
function importLimit(request: IncomingMessage): number {
  const kind = new URL(request.url ?? "", "http://postern").searchParams.get("kind");
  return kind === severalKinds ? maximumUploadBytes + maximumHeadBytes : maximumImportBytes;
}

/**
 * Refuses a body that declares itself too large, and returns null. Otherwise returns a function that watches the
 * rest, to be called once the reader of the body is set up.
 */
export function limitBody(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): (() => void) | null {
  const allowed = path === importPath ? importLimit(request) : isScim(path) ? maximumScim : maximumBody;
  if (Number(request.headers["content-length"] ?? 0) > allowed) {
    refuseLarge(request, response);
    return null;
  }
  return () => watchLength(request, response, allowed);
}

const tooLarge: PlainAnswer = {
  status: 413,
  title: "The request is too large",
  text: "Send less at once.",
  headers: { connection: "close" },
};

/**
 * Answers that a request is too large once its sender has finished, or after a few seconds: a sender who is cut off
 * in the middle never reads why. The body is discarded.
 */
function refuseLarge(request: IncomingMessage, response: ServerResponse): void {
  const answer = () => {
    clearTimeout(patience);
    if (response.headersSent || response.destroyed) return;
    const end = () => request.destroy();
    if (isScim((request.url ?? "").split("?", 1)[0] ?? "")) {
      response.once("finish", end);
      answerPlainly(request, response, tooLarge);
    } else {
      meter()?.turnedAway(tooLarge.status);
      response
        .writeHead(413, { connection: "close", "content-type": "text/plain" })
        .end("The request is too large.", end);
    }
  };
  const patience = setTimeout(answer, 5_000);
  // The rest is discarded, even if somebody has begun to read.
  request.push = (chunk: Buffer | null) => {
    if (chunk === null) answer();
    return true;
  };
  request.once("error", answer).resume();
}

/** Refuses a body that exceeds the limit without having declared it. */
function watchLength(request: IncomingMessage, response: ServerResponse, allowed: number): void {
  let received = 0;
  const push = request.push.bind(request);
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    received += chunk?.length ?? 0;
    if (received <= allowed) return push(chunk, encoding);
    refuseLarge(request, response);
    return true;
  };
}
