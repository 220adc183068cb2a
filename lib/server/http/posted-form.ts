import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { PlainAnswer } from "@/lib/server/http/plain-answer";
import { areArguments, areCallsFields, namedAction } from "@/lib/server/http/react-arguments";
import { root } from "@/scripts/parts/root.mjs";

const unreadable: PlainAnswer = {
  status: 400,
  title: "This request is not valid",
  text: "This request is not valid: it is not a form of Postern, or it is incomplete. Nothing was changed.",
};
const noForm: PlainAnswer = {
  status: 405,
  title: "Nothing can be sent here",
  text: "Nothing can be sent to this address. Nothing was changed.",
  headers: { allow: "GET, HEAD" },
};
const outdated: PlainAnswer = {
  status: 409,
  title: "This page is out of date",
  text: "Postern was updated after this page was opened. Nothing was changed. Go back, reload the page, and try again.",
  // Requests of Next.js's own script.
  headers: { "x-nextjs-action-not-found": "1" },
};

/** The ids of all server actions of the built product. */
export function builtActions(distFolder: string): ReadonlySet<string> {
  const file = join(root, distFolder, "server", "server-reference-manifest.json");
  return new Set(Object.keys(JSON.parse(readFileSync(file, "utf8")).node));
}

/** How many fields a form may have. The largest, with a hundred rows, has some hundreds. */
const mostFields = 2_000;

/** The fields of a form as the browser sends them; null if it is incomplete or has too many. */
async function fieldsOf(contentType: string, body: BodyInit): Promise<FormData | null> {
  try {
    const fields = await new Response(body, { headers: { "content-type": contentType } }).formData();
    return [...fields.keys()].length <= mostFields ? fields : null;
  } catch {
    return null;
  }
}

/** A name inside the quotes of a part's header, as the standard of forms escapes it. */
const quoted = (name: string) => name.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll('"', "%22");

/**
 * Writes a form again, so that the next reader reads exactly what was read here. Without files it is written here, which takes
 * a tenth of the time.
 */
async function written(fields: FormData): Promise<{ readonly body: Buffer; readonly contentType: string }> {
  const texts = [...fields].flatMap(([name, value]) => (typeof value === "string" ? [{ name, value }] : []));
  if (texts.length < [...fields.keys()].length) {
    const form = new Response(fields);
    return {
      body: Buffer.from(await form.arrayBuffer()),
      contentType: form.headers.get("content-type") ?? "",
    };
  }
  // Nobody who writes a value knows it.
  const boundary = `----postern-${randomUUID()}`;
  const parts = texts.map(
    ({ name, value }) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value.replaceAll(/\r?\n|\r/g, "\r\n")}\r\n`,
  );
  return {
    body: Buffer.from(`${parts.join("")}--${boundary}--\r\n`),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

type Judgement =
  | { readonly answer: PlainAnswer }
  | { readonly answer: null; readonly body: Buffer; readonly contentType: string };

/** The answer to a body, or the body to continue with and its type. */
async function judge(
  { headers }: IncomingMessage,
  body: Buffer<ArrayBuffer>,
  actions: ReadonlySet<string> | null,
): Promise<Judgement> {
  const contentType = headers["content-type"] ?? "";
  const isForm = /^multipart\/form-data\b/i.test(contentType);
  const called = headers["next-action"] as string | undefined;
  if (called === undefined && !isForm) return { answer: noForm };
  const fields = isForm ? await fieldsOf(contentType, body) : null;
  if (isForm && fields === null) return { answer: unreadable };
  const readable =
    called === undefined || (fields ? areCallsFields(fields) : areArguments([body.toString("utf8")]));
  const action = readable ? (called ?? (fields && namedAction(fields))) : null;
  if (action === null) return { answer: unreadable };
  if (actions?.has(action) === false) return { answer: outdated };
  if (fields === null) return { answer: null, body, contentType };
  return { answer: null, ...(await written(fields)) };
}

/**
 * Waits for the whole body that is posted to a page. If it is a readable call of one of these actions (of any,
 * if none are given), resolves with null and continues. Otherwise resolves with the answer, since Next.js would
 * answer with an error of its own. Resolves with undefined if nobody waits for an answer any longer.
 */
export function readPosted(
  request: IncomingMessage,
  actions: ReadonlySet<string> | null,
): Promise<PlainAnswer | null | undefined> {
  return new Promise((resolve, reject) => {
    const push = request.push.bind(request);
    const chunks: Buffer[] = [];
    request.push = (chunk: Buffer | null) => {
      if (chunk !== null) {
        chunks.push(chunk);
        return true;
      }
      request.push = push;
      judge(request, Buffer.concat(chunks), actions).then((judged) => {
        if (judged.answer === null) {
          request.headers["content-type"] = judged.contentType;
          request.headers["content-length"] = String(judged.body.length);
          push(judged.body);
        }
        push(null);
        resolve(judged.answer);
      }, reject);
      return true;
    };
    request.once("close", () => resolve(undefined));
  });
}
