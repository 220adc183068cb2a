import type { IncomingMessage, ServerResponse } from "node:http";
import { maximumHeadBytes, maximumLargeBytes, severalKinds } from "@/lib/domain/imports/import-kinds";
import { meter } from "@/lib/platform/meter";
import { answerPlainly, isScim, type PlainAnswer } from "@/lib/server/http/plain-answer";

/**
 * The limit of a form. It equals `bodySizeLimit` of next.config.js, so that it is refused here and not by an
 * error of Next.js.
 */
const maximumBody = 256 * 1024;
/** The limit of what a directory sends (`mostBodyBytes` in lib/scim). */
const maximumScim = 1024 * 1024;

/** The address to which import files are sent. Its route reads them only for signed-in administrators. */
export const importPath = "/import/upload";

/**
 * The limit of one file, or of several together with the header that says where each begins. The route could
 * refuse a file that is too long, but the sender would have to send all of it before they get the answer.
 */
function importLimit(request: IncomingMessage): number {
  return maximumLargeBytes + (isSeveral(request) ? maximumHeadBytes : 0);
}

function isSeveral(request: IncomingMessage): boolean {
  const { searchParams } = new URL(request.url ?? "", "http://postern");
  return searchParams.get("kind") === severalKinds;
}

/** The answer that the page's script shows for files that are too large. */
function importTooLarge(request: IncomingMessage): string {
  const what = isSeveral(request) ? "files" : "a file";
  const message = `Choose ${what} of at most ${maximumLargeBytes / 1024 / 1024} MiB.`;
  return JSON.stringify({ message });
}

/**
 * Refuses a body that declares itself too large, and returns null. Otherwise returns a function that watches
 * the rest, to be called once the reader of the body is set up.
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

/** Ends a request whose body has not arrived after this time. */
export function limitTime(request: IncomingMessage, response: ServerResponse, milliseconds: number): void {
  const { headers } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return;
  const late = setTimeout(() => {
    if (request.complete) return;
    meter()?.turnedAway(408);
    if (response.headersSent) request.destroy();
    else response.writeHead(408, { connection: "close" }).end(() => request.destroy());
  }, milliseconds);
  const arrived = () => clearTimeout(late);
  request.once("end", arrived).once("close", arrived);
}

const tooLarge: PlainAnswer = {
  status: 413,
  title: "The request is too large",
  text: "Send less at once.",
  headers: { connection: "close" },
};

/**
 * Answers that a request is too large once its sender has finished, or after a few seconds. A sender who is cut
 * off in the middle never reads the answer. The body is discarded.
 */
function refuseLarge(request: IncomingMessage, response: ServerResponse): void {
  const answer = () => {
    clearTimeout(patience);
    if (response.headersSent || response.destroyed) return;
    const end = () => request.destroy();
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (isScim(path)) {
      response.once("finish", end);
      answerPlainly(request, response, tooLarge);
    } else {
      meter()?.turnedAway(tooLarge.status);
      const [type, body] =
        path === importPath
          ? ["application/json", importTooLarge(request)]
          : ["text/plain", "The request is too large."];
      response.writeHead(413, { connection: "close", "content-type": type }).end(body, end);
    }
  };
  const patience = setTimeout(answer, 5_000);
  // The rest is discarded, even if somebody has begun to read it.
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
