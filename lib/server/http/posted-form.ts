import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { PlainAnswer } from "@/lib/server/http/plain-answer";
import { root } from "@/scripts/parts/root.mjs";

const unreadable: PlainAnswer = {
  status: 400,
  title: "This request makes no sense",
  text: "This request makes no sense: it is no form of Postern's, or not whole. Nothing was changed.",
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
  text: "Postern has changed since this page was opened. Nothing was changed by it: go back, load the page anew, and try again.",
  // What Next's own script asks after.
  headers: { "x-nextjs-action-not-found": "1" },
};

/** The ids of all server actions of the built product. */
export function builtActions(distFolder: string): ReadonlySet<string> {
  const file = join(root, distFolder, "server", "server-reference-manifest.json");
  return new Set(Object.keys(JSON.parse(readFileSync(file, "utf8")).node));
}

/**
 * What React may write for a value that JSON has no word for, and for a text that begins with a dollar sign. References
 * to other parts, which can be made to mean far more than was sent, are none of it but to the fields of a form (K).
 */
const plainValue =
  /^\$(?:\$.*|K[0-9a-f]{1,4}|T|undefined|NaN|-?Infinity|-0|n-?\d{1,300}|D\d{4}-[\dT:.-]{1,40}Z)$/s;
/** The names of what a page's own script sends beside its arguments: the fields of a form. */
const fieldOfForm = /^_\d{1,4}_/;
/** How many fields a form may have; the largest, of a hundred rows, has some hundreds. */
const mostFields = 2_000;
/** How many arguments an action has, how deep they go and how many values are in them, with room to spare. */
const most = { arguments: 10, depth: 20, values: 20_000 };

function makesNoSense(value: unknown, count = { values: 0 }, depth = 0): boolean {
  count.values += 1;
  if (typeof value === "string") return value.startsWith("$") && !plainValue.test(value);
  if (typeof value !== "object" || value === null) return count.values > most.values;
  return depth > most.depth || Object.values(value).some((each) => makesNoSense(each, count, depth + 1));
}

/** What JSON says; undefined when it is none. */
function parsed(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether these are the arguments of an action: one list, as a page's own script writes it. */
function areArguments(texts: readonly unknown[]): boolean {
  const given = texts.length === 1 ? parsed(texts[0]) : undefined;
  return Array.isArray(given) && given.length <= most.arguments && !makesNoSense(given);
}

/** The fields of a form as the browser sends it; null when it is not whole, or there are too many. */
async function fieldsOf(contentType: string, body: BodyInit): Promise<FormData | null> {
  try {
    const fields = await new Response(body, { headers: { "content-type": contentType } }).formData();
    return [...fields.keys()].length <= mostFields ? fields : null;
  } catch {
    return null;
  }
}

/** Whether these are the arguments of an action and nothing else but the fields of its form. */
function areCallsFields(fields: FormData): boolean {
  const others = [...fields.keys()].filter((name) => name !== "0");
  return areArguments(fields.getAll("0")) && others.every((name) => fieldOfForm.test(name));
}

/** The one action that a form without the page's script names; null when it names none, or not whole. */
function namedAction(fields: FormData): string | null {
  const names = [...fields.keys()].filter((name) => /^\$ACTION_(ID|REF)_/.test(name));
  const [name = ""] = names;
  if (names.length !== 1) return null;
  if (name.startsWith("$ACTION_ID_")) return name.slice("$ACTION_ID_".length);
  const prefix = `$ACTION_${name.slice("$ACTION_REF_".length)}:`;
  // Nothing beside these: it would be read for what it refers to.
  const action = parsed(fields.get(`${prefix}0`)) as { id?: unknown; bound?: unknown } | null | undefined;
  if (typeof action?.id !== "string" || Object.keys(action).some((key) => key !== "id" && key !== "bound"))
    return null;
  if (action.bound === null) return action.id;
  const bound = /^\$@([0-9a-f]+)$/.exec(String(action.bound))?.[1];
  return bound !== undefined && areArguments(fields.getAll(prefix + bound)) ? action.id : null;
}

type Judgement =
  | { readonly answer: PlainAnswer }
  | { readonly answer: null; readonly body: Buffer; readonly contentType: string };

/** What to answer to a body; or the body to go on with, and its type. */
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
  // Written anew, so that whoever reads it next reads what was read here.
  const form = new Response(fields);
  return {
    answer: null,
    body: Buffer.from(await form.arrayBuffer()),
    contentType: form.headers.get("content-type") ?? "",
  };
}

/**
 * Waits for the whole of what is posted to a page. Resolves with null when it is the call of one of these actions (of
 * any, without them) that can be read, and goes on; else with what to answer, which Next would take for a fault of its own.
 * Resolves with undefined when nobody waits for an answer any more.
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
