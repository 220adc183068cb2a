import type { IncomingMessage, ServerResponse } from "node:http";

/** What a form may hold: the `bodySizeLimit` of next.config.js, so that it is refused here and by no fault of Next's. */
const maximumBody = 256 * 1024;
/** What an import may hold (`maximumImportBytes`), which its route reads for signed-in administrators only. */
const maximumImport = 5 * 1024 * 1024;

/** Where files of imports are sent. */
export const importPath = "/import/upload";

/**
 * Refuses a body that says of itself that it is too large, and answers null; else a function that watches the rest, to be
 * called once whoever reads the body has been set up.
 */
export function limitBody(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): (() => void) | null {
  const allowed = path === importPath ? maximumImport : maximumBody;
  if (Number(request.headers["content-length"] ?? 0) > allowed) {
    refuseLarge(request, response);
    return null;
  }
  return () => watchLength(request, response, allowed);
}

/**
 * Answers that a request is too large once its sender has said all, or after a few seconds: one who is cut off in the
 * middle never reads why. What is sent goes nowhere.
 */
function refuseLarge(request: IncomingMessage, response: ServerResponse): void {
  const answer = () => {
    clearTimeout(patience);
    if (response.headersSent || response.destroyed) return;
    response
      .writeHead(413, { connection: "close", "content-type": "text/plain" })
      .end("The request is too large.", () => request.destroy());
  };
  const patience = setTimeout(answer, 5_000);
  // What follows goes to nobody, whoever has begun to read.
  request.push = (chunk: Buffer | null) => {
    if (chunk === null) answer();
    return true;
  };
  request.once("error", answer).resume();
}

/** Refuses a body that grows past what is allowed without having said so before. */
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
