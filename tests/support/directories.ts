import { randomUUID } from "node:crypto";
import { makeDirectoryToken } from "@/lib/identity/directories/directory-token";
import { createDirectory, createDirectoryOperation } from "@/lib/operations/directories/create-directory";
import { answerScim } from "@/lib/scim/answer-scim";
import type { Administration } from "./administration";

export const base = "https://postern.example/scim/v2";

/** A body as another program reads it: a resource, a list of them, or an error. */
export interface ScimBody {
  readonly id: string;
  readonly userName: string;
  readonly externalId: string;
  readonly displayName: string;
  readonly active: boolean;
  readonly meta: Readonly<Record<"version" | "location" | "created" | "lastModified", string>>;
  readonly members?: readonly { readonly value: string }[];
  readonly groups?: readonly { readonly value: string; readonly $ref: string }[];
  readonly totalResults: number;
  readonly Resources: readonly ScimBody[];
  readonly nextCursor?: string;
  readonly scimType?: string;
  readonly detail: string;
  readonly Operations: readonly ({ readonly status: string } & Readonly<Record<string, unknown>>)[];
}

/** The answer of the SCIM service. The body is null if there is none. */
export interface ScimAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ScimBody;
}

interface Asked {
  readonly headers?: Record<string, string>;
  readonly token?: string | null;
  readonly network?: string;
}

/** Sends requests of one directory, as its provisioning would, through the service's own entry point. */
export function scimOf(database: Administration["database"], token: string) {
  return async (method: string, path: string, body?: unknown, asked: Asked = {}): Promise<ScimAnswer> => {
    const bearer = asked.token === undefined ? token : asked.token;
    const request = new Request(`${base}${path}`, {
      method,
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { "content-type": "application/scim+json" }),
        ...asked.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const answer = await answerScim(database, request, {
      ...{ ipAddress: asked.network ?? "198.51.100.7", userAgent: "test", base, correlationId: randomUUID() },
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === "" ? null : JSON.parse(text) };
  };
}

/** A directory with a token, created by the owner, and a function that sends its requests. */
export async function makeDirectory(at: Administration, name = `Contoso ${randomUUID()}`) {
  const { token, tokenHash } = makeDirectoryToken();
  const input = { name, token: { tokenHash, days: 90 } };
  const proofId = await at.prove(createDirectoryOperation(input));
  const made = await createDirectory(at.database, at.owner, { ...input, proofId });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { id: made.directoryId, name, token, scim: scimOf(at.database, token) };
}

const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
export const patchOf = (...Operations: readonly object[]) => ({ schemas: [patchSchema], Operations });

let made = 0;
/** A user as Entra ID's provisioning sends one. */
export function entraUser(parts: Record<string, unknown> = {}) {
  made += 1;
  return {
    schemas: [
      "urn:ietf:params:scim:schemas:core:2.0:User",
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ],
    externalId: `entra-${made}-${randomUUID()}`,
    userName: `test_user_${made}_${randomUUID().slice(0, 8)}@contoso.example`,
    active: true,
    emails: [{ primary: true, type: "work", value: `other_${made}@contoso.example` }],
    meta: { resourceType: "User" },
    name: { formatted: `Given${made} Family${made}`, familyName: `Family${made}`, givenName: `Given${made}` },
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "Sales" },
    roles: [],
    ...parts,
  };
}
