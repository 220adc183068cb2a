import { schemaIds } from "@/lib/domain/directories/scim-resource";

interface Attribute {
  readonly name: string;
  readonly type: "string" | "boolean" | "complex" | "reference";
  readonly description: string;
  readonly required?: boolean;
  readonly multiValued?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: "readOnly" | "readWrite" | "immutable";
  readonly returned?: "request";
  readonly uniqueness?: "none" | "server";
  readonly subAttributes?: readonly Attribute[];
  readonly referenceTypes?: readonly string[];
  readonly canonicalValues?: readonly string[];
}

/** An attribute with every characteristic stated (RFC 7643, section 2.2). */
function inFull({ subAttributes, ...attribute }: Attribute): object {
  return {
    ...{ multiValued: false, required: false, caseExact: false, mutability: "readWrite" },
    ...{ returned: "default", uniqueness: "none", ...attribute },
    ...(subAttributes ? { subAttributes: subAttributes.map(inFull) } : {}),
  };
}

const externalId: Attribute = {
  ...{ name: "externalId", type: "string", uniqueness: "server" },
  description: "The id in the directory. It leads to one principal here.",
};

const user: readonly Attribute[] = [
  {
    ...{ name: "userName", type: "string", required: true, uniqueness: "server" },
    description: "The email address, with which the person signs in and to which mail is sent.",
  },
  {
    ...{ name: "name", type: "complex", description: "The parts of the name." },
    subAttributes: [
      { name: "formatted", type: "string", description: "The whole name." },
      { name: "givenName", type: "string", description: "The first name." },
      { name: "familyName", type: "string", description: "The last name." },
    ],
  },
  { name: "displayName", type: "string", description: "The name that is shown." },
  { name: "active", type: "boolean", description: "Whether the person may sign in and has any access." },
  {
    ...{ name: "emails", type: "complex", multiValued: true, mutability: "readOnly" },
    description: "The address again. It is changed as userName.",
    subAttributes: [
      { name: "value", type: "string", mutability: "readOnly", description: "The address." },
      {
        ...{ name: "type", type: "string", mutability: "readOnly", canonicalValues: ["work"] },
        description: "Always work.",
      },
      { name: "primary", type: "boolean", mutability: "readOnly", description: "Always true." },
    ],
  },
  {
    ...{ name: "groups", type: "complex", multiValued: true, mutability: "readOnly", returned: "request" },
    description: "The groups of the same directory that the person is in directly, at most 100.",
    subAttributes: [
      { name: "value", type: "string", mutability: "readOnly", description: "The id." },
      {
        ...{ name: "$ref", type: "reference", mutability: "readOnly", referenceTypes: ["Group"] },
        description: "The address.",
      },
      { name: "display", type: "string", mutability: "readOnly", description: "The name." },
      {
        ...{ name: "type", type: "string", mutability: "readOnly", canonicalValues: ["direct"] },
        description: "Always direct.",
      },
    ],
  },
  externalId,
];

const group: readonly Attribute[] = [
  {
    ...{ name: "displayName", type: "string", required: true, uniqueness: "server" },
    description: "The name. No two groups have the same.",
  },
  {
    ...{ name: "members", type: "complex", multiValued: true },
    description:
      "Users and groups of the same directory. Left out of answers where there are more than 5,000.",
    subAttributes: [
      { name: "value", type: "string", mutability: "immutable", description: "The id." },
      {
        ...{ name: "$ref", type: "reference", mutability: "immutable", referenceTypes: ["User", "Group"] },
        description: "The address.",
      },
      {
        ...{ name: "type", type: "string", mutability: "immutable", canonicalValues: ["User", "Group"] },
        description: "What it is.",
      },
      { name: "display", type: "string", mutability: "readOnly", description: "The name." },
    ],
  },
  externalId,
];

/** The schemas of the resources, with what Postern stores of them. Other attributes are ignored. */
export function schemaBodies(base: string) {
  const body = (type: keyof typeof schemaIds, description: string, attributes: readonly Attribute[]) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    ...{ id: schemaIds[type], name: type, description, attributes: attributes.map(inFull) },
    meta: { resourceType: "Schema", location: `${base}/Schemas/${schemaIds[type]}` },
  });
  return [body("User", "A person", user), body("Group", "A group", group)];
}
