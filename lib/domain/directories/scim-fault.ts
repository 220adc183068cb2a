/** The kinds of errors that RFC 7644 (table 9) and RFC 9865 name. */
export type ScimType =
  | "invalidFilter"
  | "invalidPath"
  | "invalidSyntax"
  | "invalidValue"
  | "invalidVers"
  | "invalidCursor"
  | "mutability"
  | "noTarget"
  | "tooMany"
  | "uniqueness";

/** A request of a directory that cannot be carried out as it is, with SCIM's answer (RFC 7644, section 3.12). */
export class ScimFault extends Error {
  constructor(
    readonly status: number,
    readonly scimType: ScimType | null,
    detail: string,
  ) {
    super(detail);
  }
}

/** A fault of the request itself, status 400. */
export function badRequest(scimType: ScimType, detail: string): ScimFault {
  return new ScimFault(400, scimType, detail);
}

/** The body of a SCIM error. */
export function errorBody(status: number, scimType: ScimType | null, detail: string) {
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: String(status),
    ...(scimType === null ? {} : { scimType }),
    detail,
  };
}
