import { z } from "zod";
import { badRequest, errorBody, ScimFault } from "@/lib/domain/directories/scim-fault";
import type { Answer, Call } from "@/lib/scim/call";

/** How many operations one Bulk may have. Its body may be as large as any other. */
export const mostBulkOperations = 100;

const text = z.string().max(2_000);
const operationShape = z.object({
  method: text.transform((method) => method.toUpperCase()),
  path: text,
  bulkId: text.nullish(),
  version: text.nullish(),
  data: z.unknown().optional(),
});
const bulkShape = z.object({
  failOnErrors: z.number().int().min(1).nullish(),
  Operations: z.array(z.unknown()).min(1),
});

const changing = new Set(["POST", "PUT", "PATCH", "DELETE"]);

interface Done {
  readonly method: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly version?: string;
  readonly status: string;
  readonly response?: object;
}

/** What an operation created, by the `bulkId` with which later ones refer to it. */
type Made = ReadonlyMap<string, string>;

/**
 * Carries out several requests in their order (RFC 7644, section 3.7), each in a transaction of its own and
 * each as if it had come alone. A later one refers to what an earlier one created by `bulkId:…`. After
 * `failOnErrors` refusals the rest is left undone.
 */
export async function answerBulk(call: Call, answered: (call: Call) => Promise<Answer>): Promise<Answer> {
  const read = bulkShape.safeParse(await call.body());
  if (!read.success)
    throw badRequest("invalidSyntax", "“Operations” must be a list of at least one operation.");
  const { Operations: operations, failOnErrors } = read.data;
  if (operations.length > mostBulkOperations)
    throw new ScimFault(413, "tooMany", `A Bulk may have at most ${mostBulkOperations} operations.`);
  const made = new Map<string, string>();
  const results: Done[] = [];
  let refused = 0;
  for (const operation of operations) {
    if (failOnErrors && refused >= failOnErrors) break;
    const result = await carriedOut(call, operation, made, answered);
    if (result.response !== undefined) refused += 1;
    results.push(result);
  }
  return {
    status: 200,
    body: { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"], Operations: results },
  };
}

async function carriedOut(
  call: Call,
  operation: unknown,
  made: Map<string, string>,
  answered: (call: Call) => Promise<Answer>,
): Promise<Done> {
  const read = operationShape.safeParse(operation);
  if (!read.success || !changing.has(read.data.method))
    return refusal("", undefined, 400, "An operation needs a “method” that changes something, and a “path”.");
  const { method, bulkId, version, data } = read.data;
  const named = bulkId ?? undefined;
  if (method === "POST" && (named === undefined || made.has(named)))
    return refusal(method, named, 400, "A POST needs a “bulkId” of its own.");
  const path = read.data.path.split("?", 1)[0] ?? "";
  const parts = path.split("/").filter((part) => part !== "");
  if (!/^(users|groups)$/i.test(parts[0] ?? "") || parts.length > 2 || parts[1]?.toLowerCase() === ".search")
    return refusal(method, named, 400, "A “path” leads to /Users or /Groups, or to one of them.");
  const resolved = resolving(made);
  const target = resolved(parts[1]);
  const body = resolved(data);
  if (resolved.missing.size > 0)
    return refusal(method, named, 409, "It names a “bulkId” that nothing was created by before.");
  const answer = await answered({
    ...call,
    ...{ method, ifMatch: version ?? null, ifNoneMatch: null, query: new Map() },
    path: typeof target === "string" ? [parts[0] ?? "", target] : [parts[0] ?? ""],
    body: async () => body,
  });
  const id = answer.body !== undefined && "id" in answer.body ? answer.body.id : target;
  if (answer.status === 201 && named !== undefined && typeof id === "string") made.set(named, id);
  const etag = answer.headers?.etag;
  return {
    ...{ method, ...(named === undefined ? {} : { bulkId: named }), status: String(answer.status) },
    ...(etag === undefined ? {} : { version: etag }),
    ...(typeof id === "string" && answer.status !== 404
      ? { location: `${call.base}/${/^u/i.test(parts[0] ?? "") ? "Users" : "Groups"}/${id}` }
      : {}),
    ...(answer.status >= 400 ? { response: answer.body ?? {} } : {}),
  };
}

function refusal(method: string, bulkId: string | undefined, status: number, detail: string): Done {
  return {
    ...{ method, ...(bulkId === undefined ? {} : { bulkId }), status: String(status) },
    response: errorBody(status, status === 400 ? "invalidSyntax" : null, detail),
  };
}

/** How deeply an operation's data is searched. */
const deepest = 8;

/** Replaces each `bulkId:…` by the id of what was created, and records those that refer to nothing. */
function resolving(made: Made) {
  const missing = new Set<string>();
  const resolve = (value: unknown, depth = 0): unknown => {
    if (typeof value === "string" && value.startsWith("bulkId:")) {
      const id = made.get(value.slice("bulkId:".length));
      if (id === undefined) missing.add(value);
      return id ?? value;
    }
    if (typeof value !== "object" || value === null || depth > deepest) return value;
    if (Array.isArray(value)) return value.map((each) => resolve(each, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolve(each, depth + 1)]));
  };
  return Object.assign((value: unknown) => resolve(value), { missing });
}
