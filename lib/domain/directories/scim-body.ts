import { badRequest } from "@/lib/domain/directories/scim-fault";
import { attributePath, type PatchPath, parsePath } from "@/lib/domain/directories/scim-filter";
import { limits } from "@/lib/domain/text/limits";
import { nameFault } from "@/lib/domain/text/names";

/** A JSON object of a request, by names in lower case, since SCIM compares names regardless of case (RFC 7643, 2.1). */
export type Body = ReadonlyMap<string, unknown>;

export function bodyOf(value: unknown, what = "The body"): Body {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badRequest("invalidSyntax", `${what} is not a JSON object.`);
  return new Map(Object.entries(value).map(([name, each]) => [attributePath(name), each]));
}

/** One operation of a PATCH. Its value is not parsed yet. */
export interface PatchOperation {
  readonly op: "add" | "replace" | "remove";
  readonly target: PatchPath;
  readonly value: unknown;
}

/** How many operations one PATCH may have. */
const mostOperations = 1_000;

/**
 * The operations of a PATCH (RFC 7644, section 3.5.2), as Entra ID and Okta send them: `op` in any
 * case, and instead of a path a value with several attributes, whose names may be paths themselves.
 */
export function patchOperations(value: unknown): PatchOperation[] {
  const asked = bodyOf(value).get("operations");
  if (!Array.isArray(asked) || asked.length === 0)
    throw badRequest("invalidSyntax", "“Operations” must be a list of at least one operation.");
  if (asked.length > mostOperations)
    throw badRequest("tooMany", `A PATCH may have at most ${mostOperations} operations.`);
  return asked.flatMap(operationsIn);
}

function operationsIn(value: unknown): PatchOperation[] {
  const asked = bodyOf(value, "An operation");
  const name = asked.get("op");
  const op = (["add", "replace", "remove"] as const).find(
    (each) => typeof name === "string" && each === name.toLowerCase(),
  );
  if (op === undefined) throw badRequest("invalidSyntax", "“op” must be add, replace or remove.");
  const path = asked.get("path");
  if (path !== undefined && path !== null && path !== "") {
    if (typeof path !== "string") throw badRequest("invalidPath", "“path” must be a text.");
    return [{ op, target: parsePath(path), value: asked.get("value") }];
  }
  if (op === "remove") throw badRequest("noTarget", "A remove operation needs a “path”.");
  return [...bodyOf(asked.get("value"), "The value of an operation without a path")].map(([each, part]) => ({
    op,
    target: parsePath(each),
    value: part,
  }));
}

/** Refuses a path that selects values of an attribute with one value at most, since the value would be set in any case. */
export function refuseFilter({ filter }: PatchPath): void {
  if (filter !== null)
    throw badRequest("invalidPath", "The path selects values of an attribute that has one.");
}

/** The single value in the input. Entra ID wraps some in a list of one object. */
function unwrapped(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [only] = value;
  if (value.length !== 1) return value;
  return typeof only === "object" && only !== null && "value" in only ? only.value : only;
}

/** A text of at most this many characters; null for a missing and for an empty one. */
export function readText(value: unknown, attribute: string, longest = 1_000): string | null {
  const text = unwrapped(value);
  if (text === undefined || text === null || text === "") return null;
  if (typeof text !== "string") throw badRequest("invalidValue", `“${attribute}” must be a text.`);
  if (text.length > longest)
    throw badRequest("invalidValue", `“${attribute}” may have at most ${longest} characters.`);
  // Neither can be stored.
  if (/[\0\p{Surrogate}]/u.test(text))
    throw badRequest("invalidValue", `“${attribute}” has a character that is none.`);
  return text;
}

/** A part of a name, by the same rules as in forms. */
export function readName(value: unknown, attribute: string): string | null {
  const text = readText(value, attribute, limits.displayName);
  const fault = text === null ? null : nameFault(text);
  if (fault !== null) throw badRequest("invalidValue", `${attribute}: ${fault}`);
  return text;
}

/** A boolean, also as the text that Entra ID sends. */
export function readTruth(value: unknown, attribute: string): boolean {
  const truth = unwrapped(value);
  if (typeof truth === "boolean") return truth;
  if (typeof truth === "string" && /^true$/i.test(truth)) return true;
  if (typeof truth === "string" && /^false$/i.test(truth)) return false;
  throw badRequest("invalidValue", `“${attribute}” must be true or false.`);
}
