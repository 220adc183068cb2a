import { isAbsolute } from "node:path";
import { z } from "zod";

/** A host that scheduled imports may contact, only by https (docs/imports.md). */
export interface ImportHost {
  /** Its name in lower case, with the port unless it is 443. */
  readonly host: string;
  /** The `Authorization` header that is sent; the serving process has none. */
  readonly authorization?: string | undefined;
  /** Whether its name may lead to an address that is not public. */
  readonly privateAddresses: boolean;
  /** Certificates (PEM) against which its certificate is verified, instead of those that the system trusts. */
  readonly certificates?: string | undefined;
}

/** What scheduled imports may read. */
export interface ImportSources {
  /** The folder that they may read; null for none. */
  readonly folder: string | null;
  readonly hosts: readonly ImportHost[];
}

/** Files that were read, or why they were not. The reason contains no secret. */
export type SourceRead =
  | { readonly ok: true; readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[] }
  | { readonly ok: false; readonly message: string };

/** The limits of one run. It is read in the worker, which has little memory. */
export const sourceLimits = {
  files: 50,
  fileBytes: 5 * 1024 * 1024,
  bytes: 15 * 1024 * 1024,
  milliseconds: 60_000,
} as const;

/** The code of a system error, which names no path. Its name if it has no code. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

export const refused = (message: string): SourceRead => ({ ok: false, message });
export const mebibytes = (bytes: number) => `${bytes / 1024 / 1024} MiB`;

export const noImportSources: ImportSources = { folder: null, hosts: [] };

const host = z
  .string()
  .max(260)
  .transform((text) => text.toLowerCase())
  .refine(
    (text) => URL.canParse(`https://${text}`) && new URL(`https://${text}`).host === text,
    "must be the name of a host, with its port where that is not 443",
  );

const hosts = z
  .array(
    z.strictObject({
      host,
      authorization: z
        .string()
        .regex(/^[\x21-\x7e][\x20-\x7e]{0,4000}$/, "must be what is sent as Authorization")
        .optional(),
      privateAddresses: z.boolean().default(false),
      certificates: z.string().max(100_000).optional(),
    }),
  )
  .max(50);

/** Reads `POSTERN_IMPORT_FOLDER` and `POSTERN_IMPORT_HOSTS`. Throws one line that names what is wrong. */
export function readImportSources(source: Readonly<Record<string, string | undefined>>): ImportSources {
  const folder = source.POSTERN_IMPORT_FOLDER || null;
  if (folder !== null && !isAbsolute(folder))
    throw new Error("Configuration: POSTERN_IMPORT_FOLDER: must be an absolute path");
  return { folder, hosts: readHosts(source.POSTERN_IMPORT_HOSTS || "[]") };
}

/** The hosts without what is sent to them, for a process that only shows their names. */
export function withoutAuthorization(text: string | undefined): string | undefined {
  return text ? JSON.stringify(readHosts(text).map(({ host: name }) => ({ host: name }))) : undefined;
}

function readHosts(text: string): readonly ImportHost[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error("Configuration: POSTERN_IMPORT_HOSTS: must be a list in JSON");
  }
  const read = hosts.safeParse(given);
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`Configuration: POSTERN_IMPORT_HOSTS: ${faults.join("; ")}`);
}
