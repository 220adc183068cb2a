import { createHash } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import type { Handler } from "@/lib/server/http/front-door";
import { contentTypes, encodings } from "@/scripts/parts/compressed-files.mjs";

type Encoding = keyof typeof encodings;

interface Content {
  readonly body: Buffer;
  /** Depends on nothing but the content, so it is the same on every replica. */
  readonly etag: string;
}

/** A compressed copy of a file, which stays in memory once it has been requested. */
interface Copy {
  readonly path: string;
  readonly modified: Date;
  content?: Promise<Content>;
}

/** A file of the build, by the encodings of its copies. */
interface BuiltFile {
  readonly type: string;
  readonly copies: Map<Encoding, Copy>;
}

const known = Object.entries(encodings) as [Encoding, string][];

/** The compressed files of a build, by the paths at which browsers request the originals. */
function filesIn(folder: string): ReadonlyMap<string, BuiltFile> {
  const found = new Map<string, BuiltFile>();
  if (!existsSync(folder)) return found;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const [encoding, end] = known.find(([, each]) => entry.name.endsWith(each)) ?? [];
    if (!entry.isFile() || encoding === undefined || end === undefined) continue;
    const original = path.slice(0, -end.length);
    const type = (contentTypes as Readonly<Record<string, string>>)[extname(original)];
    if (type === undefined) continue;
    const requested = `/_next/static/${relative(folder, original).replaceAll(sep, "/")}`;
    const file = found.get(requested) ?? { type, copies: new Map<Encoding, Copy>() };
    found.set(requested, file);
    // HTTP counts in seconds.
    const modified = new Date(Math.floor(statSync(path).mtimeMs / 1000) * 1000);
    file.copies.set(encoding, { path, modified });
  }
  return found;
}

/** Whether a client accepts this encoding: it names it, and not with the weight zero. */
function accepts(header: string, encoding: Encoding): boolean {
  return header.split(",").some((each) => {
    const [name = "", ...parameters] = each.split(";").map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((part) => /^q\s*=\s*0(?:\.0*)?$/.test(part));
  });
}

/** Whether the client has this content already (RFC 9110, 13.2.2). */
function isKnown({ headers }: IncomingMessage, etag: string, modified: Date): boolean {
  const { "if-none-match": etags, "if-modified-since": since } = headers;
  if (etags === undefined) return since !== undefined && Date.parse(since) >= modified.getTime();
  return etags.split(",").some((each) => ["*", etag].includes(each.trim().replace(/^W\//, "")));
}

async function contentOf(copy: Copy): Promise<Content> {
  copy.content ??= readFile(copy.path).then((body) => ({
    body,
    etag: `"${createHash("sha256").update(body).digest("base64url")}"`,
  }));
  try {
    return await copy.content;
  } catch (error) {
    copy.content = undefined;
    throw error;
  }
}

/**
 * Answers requests for files of the build with the copies that the build has compressed (scripts/parts/compressed-files.mjs).
 * Everything else goes to the handler: other paths, clients that accept neither encoding, requests for a part of a
 * file, and files whose copy has vanished because another build runs.
 */
export function withCompressedFiles(folder: string, handle: Handler): Handler {
  const files = filesIn(folder);
  return async (request, response) => {
    const found = copyFor(request, files);
    const content = found && (await contentOf(found.copy).catch(() => null));
    if (!found || !content) return handle(request, response);
    answer(request, response, { ...found, content });
  };
}

function copyFor(request: IncomingMessage, files: ReadonlyMap<string, BuiltFile>) {
  const { method, headers, url = "" } = request;
  if ((method !== "GET" && method !== "HEAD") || headers.range !== undefined) return null;
  const file = files.get(url.split("?", 1)[0] ?? "");
  if (file === undefined) return null;
  const accepted = String(headers["accept-encoding"] ?? "");
  for (const [encoding] of known) {
    const copy = accepts(accepted, encoding) ? file.copies.get(encoding) : undefined;
    if (copy) return { type: file.type, encoding, copy };
  }
  return null;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { type, encoding, copy, content }: { type: string; encoding: Encoding; copy: Copy; content: Content },
): void {
  const kept = {
    "Cache-Control": "public, max-age=31536000, immutable",
    ETag: content.etag,
    "Last-Modified": copy.modified.toUTCString(),
    Vary: "Accept-Encoding",
  };
  if (isKnown(request, content.etag, copy.modified)) {
    response.writeHead(304, kept).end();
    return;
  }
  response
    .writeHead(200, {
      ...kept,
      "Content-Type": type,
      "Content-Encoding": encoding,
      "Content-Length": content.body.length,
    })
    .end(request.method === "HEAD" ? undefined : content.body);
}
