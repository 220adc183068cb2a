import { badRequest, errorBody, ScimFault } from "@/lib/domain/directories/scim-fault";
import { errorMessage, type OperationError } from "@/lib/domain/gate/operation-error";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** One request of a directory, alone or in a Bulk. */
export interface Call {
  readonly database: Database;
  readonly directory: DirectoryCaller;
  /** The address of the service, to which `/Users` is added. */
  readonly base: string;
  readonly method: string;
  /** The parts of the path after the base. */
  readonly path: readonly string[];
  /** The parameters of the address, by names in lower case. */
  readonly query: ReadonlyMap<string, string>;
  readonly body: () => Promise<unknown>;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
}

export interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export function faultAnswer(
  status: number,
  scimType: ScimFault["scimType"],
  detail: string,
  headers?: Readonly<Record<string, string>>,
): Answer {
  return { status, body: errorBody(status, scimType, detail), ...(headers ? { headers } : {}) };
}

export const notFound = () => faultAnswer(404, null, "There is nothing here for this directory.");

export function notAllowed(...methods: readonly string[]): Answer {
  return faultAnswer(405, null, "This cannot be done here.", { allow: methods.join(", ") });
}

/** An operation's refusal as a SCIM error. Names are written without the marks that isolate them in a page. */
export function refusalAnswer(error: OperationError): Answer {
  const detail = visibleSentence(errorMessage(error)).replaceAll(/[\u2066-\u2069]/g, "");
  switch (error.code) {
    case "NotFound":
      return notFound();
    case "InvalidInput":
      return faultAnswer(
        400,
        "invalidValue",
        error.faults
          .map(({ field, message }) => `${field}: ${message}`)
          .join(" ")
          .replaceAll(/[\u2066-\u2069]/g, ""),
      );
    case "MembershipCycle":
      return faultAnswer(400, "invalidValue", detail);
    case "Conflict":
      return faultAnswer(409, "uniqueness", detail);
    case "StaleEdit":
      return faultAnswer(412, null, detail);
    case "TooManyRequests":
      return faultAnswer(429, null, detail, { "retry-after": "10" });
    case "TakesNoChanges":
      return faultAnswer(503, null, detail, { "retry-after": "60" });
    default:
      return faultAnswer(403, null, detail);
  }
}

/** The version in `If-Match`; null for any. A version of another form matches none. */
export function expectedVersion({ ifMatch }: Call): number | null {
  const text = ifMatch?.trim() ?? "";
  if (text === "" || text === "*") return null;
  const number = /^(?:W\/)?"(\d{1,9})"$/.exec(text)?.[1];
  if (number === undefined)
    throw new ScimFault(412, null, "“If-Match” must be one version as Postern gives it, or *.");
  return Number(number);
}

/** Whether `If-None-Match` names this version. */
export function isUnchanged({ ifNoneMatch }: Call, etag: string): boolean {
  const strong = (tag: string) => tag.trim().replace(/^W\//, "");
  const tags = (ifNoneMatch ?? "").split(",").map(strong);
  return ifNoneMatch !== null && (tags.includes("*") || tags.includes(strong(etag)));
}

/** Names in lower case, for the body of a search. */
export function asQuery(value: unknown): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badRequest("invalidSyntax", "The body is not a JSON object.");
  return new Map(Object.entries(value).map(([name, each]) => [name.toLowerCase(), each]));
}
