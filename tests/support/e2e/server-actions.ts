import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { APIRequestContext, APIResponse } from "@playwright/test";
import { server } from "./server";

interface ServerAction {
  readonly name: string;
  readonly file: string;
  readonly id: string;
  /** A path of the product on which it can be called; identifiers in it are made up. */
  readonly path: string;
}

const anyId = "01890a5d-ac96-774b-bcce-b302099a8057";

let known: readonly ServerAction[] | null = null;

/** Every server action of the built product, from its own manifest, which is read once. */
export function serverActions(): ServerAction[] {
  known ??= readActions();
  return [...known];
}

function readActions(): ServerAction[] {
  const file = join(process.env.POSTERN_DIST_DIR || ".next", "server", "server-reference-manifest.json");
  const { node } = JSON.parse(readFileSync(file, "utf8")) as {
    node: Record<string, { filename: string; exportedName: string; workers: Record<string, unknown> }>;
  };
  return Object.entries(node).map(([id, { filename, exportedName, workers }]) => {
    const [page = ""] = Object.keys(workers).sort((left, right) => left.length - right.length);
    const path = page
      .replace(/^app/, "")
      .replace(/\/page$/, "")
      .replaceAll(/\/\([^)]+\)/g, "")
      .replaceAll(/\[[^\]]+\]/g, anyId);
    return { name: exportedName, file: filename, id, path: path || "/" };
  });
}

/** The action of this name. If there are several, the name is preceded by the folder of its page. */
export function serverAction(wanted: string): ServerAction {
  const [name = "", folder = ""] = wanted.split(" ").reverse();
  const found = serverActions().filter(
    (action) => action.name === name && action.file.includes(folder === "" ? "" : `/${folder}/actions.`),
  );
  const [action] = found;
  if (!action || found.length > 1) throw new Error(`${found.length} server actions are called ${wanted}`);
  return action;
}

export interface Call {
  /** A field with several values is sent several times. */
  readonly fields?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
}

function formOf(fields: NonNullable<Call["fields"]>): FormData {
  // React writes the fields of the form first, then which argument they are.
  const form = new FormData();
  for (const [name, value] of Object.entries(fields))
    for (const each of [value].flat()) form.append(`_1_${name}`, each);
  form.append("0", '["$K1"]');
  return form;
}

/** A form as it is sent, for `callerWith`: written once for many actions. */
export async function writtenForm(
  fields: NonNullable<Call["fields"]>,
): Promise<{ readonly body: Buffer<ArrayBuffer>; readonly contentType: string }> {
  const written = new Response(formOf(fields));
  return {
    body: Buffer.from(await written.arrayBuffer()),
    contentType: written.headers.get("content-type") ?? "",
  };
}

/** Calls a server action as a page's script would, with arbitrary fields and headers. */
export function callAction(
  request: APIRequestContext,
  { id, path }: ServerAction,
  { fields = {}, headers = {} }: Call = {},
): Promise<APIResponse> {
  return request.fetch(path, {
    method: "POST",
    maxRedirects: 0,
    headers: {
      accept: "text/x-component",
      "next-action": id,
      origin: server().url,
      ...headers,
    },
    multipart: formOf(fields),
  });
}

/** What came back for a call. */
interface Reply {
  readonly status: number;
  readonly text: string;
}

/**
 * Calls server actions with this cookie and arguments of any shape, encoded as React encodes values that are not forms.
 * For tests with thousands of calls: Node's own client takes a third of the processor time of Playwright's. It ignores
 * the cookies of the answers.
 */
export function callerWith(cookie: string) {
  return async (
    { id, path }: ServerAction,
    body: string | Uint8Array<ArrayBuffer>,
    contentType = "text/plain;charset=UTF-8",
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> => {
    const response = await fetch(`${server().url}${path}`, {
      method: "POST",
      redirect: "manual",
      headers: {
        cookie,
        accept: "text/x-component",
        "next-action": id,
        origin: server().url,
        "content-type": contentType,
        ...headers,
      },
      body,
    });
    return { status: response.status, text: await response.text() };
  };
}

/** Makes calls, so many at a time. */
export async function someAtATime(atOnce: number, calls: readonly (() => Promise<void>)[]): Promise<void> {
  const left = calls.values();
  const work = async () => {
    for (const call of left) await call();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/** The action's return value from React's answer; null when there is none. */
export async function answerOf(response: APIResponse): Promise<Record<string, unknown> | null> {
  const line = (await response.text()).split("\n").find((each) => each.startsWith("1:"));
  const value: unknown = line ? JSON.parse(line.slice(2)) : null;
  return typeof value === "object" && value !== null ? { ...value } : null;
}
