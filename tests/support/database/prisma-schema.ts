/** The database according to `prisma/schema.prisma`, in the catalog's words. */
export interface SchemaTable {
  readonly columns: Map<string, { type: string; nullable: boolean; default: string | null }>;
  readonly primaryKey: readonly string[];
  readonly uniqueKeys: readonly string[];
  readonly foreignKeys: readonly string[];
}
export interface Schema {
  readonly tables: Map<string, SchemaTable>;
  readonly enums: Map<string, readonly string[]>;
}

interface Field {
  readonly name: string;
  readonly column: string;
  readonly type: string;
  readonly optional: boolean;
  readonly list: boolean;
  readonly attributes: string;
}

const scalarTypes: Readonly<Record<string, string>> = {
  String: "text",
  Boolean: "boolean",
  Int: "integer",
  BigInt: "bigint",
  Float: "double precision",
  Bytes: "bytea",
  Json: "jsonb",
  DateTime: "timestamp(3) without time zone",
};
const nativeTypes: Readonly<Record<string, string>> = {
  "@db.Uuid": "uuid",
  "@db.Timestamptz(6)": "timestamp(6) with time zone",
  "@db.Date": "date",
  "@db.Xid8": "xid8",
};

/** The argument of an attribute such as `@default(…)`, however its brackets are nested; null without one. */
function argumentOf(attributes: string, name: string): string | null {
  const start = attributes.indexOf(`${name}(`);
  if (start < 0) return null;
  const from = start + name.length + 1;
  let depth = 1;
  let quoted = false;
  for (let index = from; index < attributes.length; index += 1) {
    const character = attributes[index];
    if (character === '"' && attributes[index - 1] !== "\\") quoted = !quoted;
    if (quoted) continue;
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (depth === 0) return attributes.slice(from, index);
  }
  throw new Error(`${name} does not end in: ${attributes}`);
}

const namesIn = (list: string | undefined) => (list ?? "").split(",").map((name) => name.trim());

function fieldOf(line: string): Field | null {
  const match = /^ {2}(\w+)\s+(\w+|Unsupported\("\w+"\))(\[\])?(\?)?(?:\s+(.*))?$/.exec(line);
  if (!match) return null;
  const [, name = "", type = "", list, optional, attributes = ""] = match;
  const column = /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? name;
  return { name, column, type, optional: optional === "?", list: list === "[]", attributes };
}

function typeOf(field: Field, enums: ReadonlyMap<string, string>): string {
  const native = Object.keys(nativeTypes).find((each) => field.attributes.includes(each));
  const unsupported = /^Unsupported\("(\w+)"\)$/.exec(field.type)?.[1];
  const type =
    (native && nativeTypes[native]) ?? unsupported ?? enums.get(field.type) ?? scalarTypes[field.type];
  if (!type) throw new Error(`the type ${field.type} of ${field.name} is not known`);
  return field.list ? `${type}[]` : type;
}

/** A default as an expression of SQL; the catalog's is brought to the same writing by `plainDefault`. */
function defaultOf({ attributes }: Field): string | null {
  const argument = argumentOf(attributes, "@default");
  if (argument === null) return null;
  const generated = /^dbgenerated\("((?:[^"\\]|\\.)*)"\)$/.exec(argument)?.[1];
  if (generated !== undefined) return plainDefault(generated.replaceAll('\\"', '"'));
  if (argument === "autoincrement()") return "autoincrement()";
  if (argument === "[]") return "'{}'";
  if (argument.startsWith('"')) return `'${argument.slice(1, -1)}'`;
  return /^[A-Z]\w*$/.test(argument) ? `'${argument}'` : argument;
}

/** An expression without the types, brackets and spaces that PostgreSQL adds to what was written. */
export function plainDefault(expression: string): string {
  return expression
    .replaceAll(/::[a-z_]+(?: [a-z]+)*(?:\(\d+\))?(?: with time zone)?(?:\[\])?/g, "")
    .replaceAll(/^\((.*)\)$/g, "$1")
    .replaceAll(/interval '(\d+) hours'/g, (_, hours) => `'${hours.padStart(2, "0")}:00:00'`)
    .trim();
}

function blocksOf(text: string, keyword: string): { name: string; body: string }[] {
  const pattern = new RegExp(`^${keyword} (\\w+) \\{\\n([\\s\\S]*?)^\\}`, "gm");
  return [...text.matchAll(pattern)].map(([, name = "", body = ""]) => ({ name, body }));
}

/** Reads the parts of a Prisma schema that describe tables. Throws at what it does not understand. */
export function readSchema(text: string): Schema {
  const enumBlocks = blocksOf(text, "enum").map(({ name, body }) => ({
    name,
    mapped: /@@map\("(\w+)"\)/.exec(body)?.[1] ?? name,
    values: [...body.matchAll(/^ {2}(\w+)$/gm)].map(([, value = ""]) => value),
  }));
  const enums = new Map(enumBlocks.map(({ name, mapped }) => [name, mapped]));
  const models = blocksOf(text, "model").map(({ name, body }) => ({
    name,
    table: /@@map\("(\w+)"\)/.exec(body)?.[1] ?? name,
    body,
    fields: body.split("\n").flatMap((line) => fieldOf(line) ?? []),
  }));
  const model = (name: string) => models.find((each) => each.name === name);
  const tables = new Map(
    models.map(({ table, body, fields }) => {
      const columnOf = (name: string) => fields.find((field) => field.name === name)?.column ?? `no ${name}`;
      const stored = fields.filter((field) => !model(field.type));
      const columns = new Map(
        stored.map((field) => [
          field.column,
          { type: typeOf(field, enums), nullable: field.optional, default: defaultOf(field) },
        ]),
      );
      const whole = (attribute: string) =>
        [...body.matchAll(new RegExp(`^ {2}@@${attribute}\\(\\[([^\\]]*)\\]`, "gm"))].map(([, names]) =>
          namesIn(names).map(columnOf),
        );
      const single = (attribute: RegExp) => stored.filter((field) => attribute.test(field.attributes));
      const foreignKeys = fields.flatMap((field) => {
        const relation = argumentOf(field.attributes, "@relation");
        const own = /fields: \[([^\]]*)\]/.exec(relation ?? "")?.[1];
        const other = model(field.type);
        if (own === undefined || !other) return [];
        const theirs = namesIn(/references: \[([^\]]*)\]/.exec(relation ?? "")?.[1]).map(
          (name) => other.fields.find((each) => each.name === name)?.column ?? `no ${name}`,
        );
        return [`${namesIn(own).map(columnOf).join(", ")} → ${other.table} (${theirs.join(", ")})`];
      });
      return [
        table,
        {
          columns,
          primaryKey: whole("id")[0] ?? single(/@id\b/).map(({ column }) => column),
          uniqueKeys: [...whole("unique"), ...single(/@unique\b/).map(({ column }) => [column])]
            .map((key) => key.join(", "))
            .sort(),
          foreignKeys: foreignKeys.sort(),
        },
      ];
    }),
  );
  return { tables, enums: new Map(enumBlocks.map(({ mapped, values }) => [mapped, values])) };
}
