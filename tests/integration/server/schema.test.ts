import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { plainDefault, readSchema, type SchemaTable } from "../../support/database/prisma-schema";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

const schema = readSchema(readFileSync("prisma/schema.prisma", "utf8"));

/**
 * Tables and columns that the schema leaves out on purpose: the application never reads them through Prisma's
 * models. A name here fails the test as well if the schema has it, or the database does not.
 */
const leftOut = {
  tables: ["_prisma_migrations", "look_alikes", "principal_names"],
  columns: [
    "identity_links.beside_factor",
    "role_definitions.name_skeleton",
    "role_definitions.writes_authorization",
  ],
};

interface ColumnRow {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly counted: boolean;
}

async function migratedTables(): Promise<Map<string, SchemaTable>> {
  const { rows: columns } = await test.asOwner(`
    SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
      NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS default,
      a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false) AS counted
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`);
  const { rows: keys } = await test.asOwner(`
    SELECT n.conrelid::regclass::text AS table, n.contype AS kind, n.confrelid::regclass::text AS other,
      (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(n.conkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = n.conrelid AND a.attnum = k.number) AS own,
      (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(n.confkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = n.confrelid AND a.attnum = k.number) AS theirs
    FROM pg_constraint n WHERE n.connamespace = 'public'::regnamespace AND n.contype IN ('p', 'u', 'f')`);
  const names: string[] = [...new Set(columns.map((row: ColumnRow) => row.table))];
  return new Map(
    names.map((table) => {
      const of = (kind: string) => keys.filter((key) => key.table === table && key.kind === kind);
      return [
        table,
        {
          columns: new Map(
            columns
              .filter((row: ColumnRow) => row.table === table)
              .map((row: ColumnRow) => [
                row.column,
                {
                  type: row.type,
                  nullable: row.nullable,
                  default: row.counted ? "autoincrement()" : row.default && plainDefault(row.default),
                },
              ]),
          ),
          primaryKey: of("p")[0]?.own ?? [],
          uniqueKeys: of("u")
            .map(({ own }) => own.join(", "))
            .sort(),
          foreignKeys: of("f")
            .map(({ own, other, theirs }) => `${own.join(", ")} → ${other} (${theirs.join(", ")})`)
            .sort(),
        },
      ];
    }),
  );
}

describe("schema.prisma and the migrated database", () => {
  it("have the same tables, columns, types, nulls, defaults and keys", async () => {
    const migrated = await migratedTables();
    for (const name of leftOut.tables) {
      expect(schema.tables.has(name), name).toBe(false);
      expect(migrated.delete(name), name).toBe(true);
    }
    for (const name of leftOut.columns) {
      const [table = "", column = ""] = name.split(".");
      expect(schema.tables.get(table)?.columns.has(column), name).toBe(false);
      expect(migrated.get(table)?.columns.delete(column), name).toBe(true);
    }
    const plain = (tables: ReadonlyMap<string, SchemaTable>) =>
      Object.fromEntries(
        [...tables]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, { columns, ...keys }]) => [
            name,
            { ...keys, columns: Object.fromEntries([...columns].sort(([a], [b]) => (a < b ? -1 : 1))) },
          ]),
      );
    expect(schema.tables.size).toBeGreaterThan(40);
    expect(plain(schema.tables)).toEqual(plain(migrated));
  });

  it("have the same enumerations, in the same order", async () => {
    const { rows } = await test.asOwner(`
      SELECT t.typname AS name, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS values
      FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
      WHERE t.typnamespace = 'public'::regnamespace GROUP BY 1`);
    expect(Object.fromEntries(schema.enums)).toEqual(
      Object.fromEntries(rows.map(({ name, values }) => [name, values])),
    );
  });
});
