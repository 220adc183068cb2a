import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { errorBody } from "@/lib/domain/directories/scim-fault";
import { meter } from "@/lib/platform/meter";

/** An answer that Postern's server writes itself. */
export interface PlainAnswer {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  /** The text of a link that tries again. */
  readonly link?: string;
  readonly headers?: OutgoingHttpHeaders;
}

const style =
  "body{font:16px system-ui;margin:15vh auto;max-width:34rem;padding:0 1rem;color-scheme:light dark}";

/** Whether a path belongs to the service for directories, which uses SCIM and accepts only their tokens. */
export function isScim(path: string): boolean {
  return path === "/scim/v2" || path.startsWith("/scim/v2/");
}

/** A page that needs nothing but this process: what happened, and what to do. */
function plainPage({ title, text, link }: PlainAnswer): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} - Postern</title><style>${style}</style>
<main><h1>${title}</h1><p>${text}</p>${link ? `<p><a href="">${link}</a></p>` : ""}</main></html>`;
}

/**
 * Answers with a plain page for a browser, with an error of SCIM for a directory, and with the same in one line of text for
 * everything else.
 */
export function answerPlainly(request: IncomingMessage, response: ServerResponse, answer: PlainAnswer): void {
  if (response.headersSent || response.destroyed) return;
  meter()?.turnedAway(answer.status);
  if (isScim((request.url ?? "").split("?", 1)[0] ?? "")) {
    response.writeHead(answer.status, {
      "content-type": "application/scim+json; charset=utf-8",
      "cache-control": "no-store",
      ...answer.headers,
    });
    response.end(JSON.stringify(errorBody(answer.status, null, `${answer.title}. ${answer.text}`)));
    return;
  }
  const readsPages = /\btext\/html\b/.test(request.headers.accept ?? "");
  response.writeHead(answer.status, {
    "content-type": `text/${readsPages ? "html" : "plain"}; charset=utf-8`,
    "cache-control": "no-store",
    ...answer.headers,
  });
  response.end(readsPages ? plainPage(answer) : `${answer.title}. ${answer.text}`);
}
