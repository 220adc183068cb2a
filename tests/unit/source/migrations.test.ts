import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const folder = join(import.meta.dirname, "../../../prisma/migrations");
/**
 * From this migration on, the version before serves while a migration is applied, and after it
 * (docs/decisions/upgrades.md).
 */
const first = "20261129190000";

/** Statements that break the version before, each with what it would miss. */
const breaking: readonly (readonly [RegExp, string])[] = [
  [/^DROP (TABLE|VIEW|MATERIALIZED VIEW|FUNCTION|TYPE|SEQUENCE|DOMAIN)\b/, "drops what it uses"],
  [
    /^ALTER TABLE [\s\S]*\bDROP (COLUMN\b|(?!CONSTRAINT|NOT|DEFAULT|EXPRESSION|IDENTITY)\w)/,
    "drops a column",
  ],
  [/^ALTER (TABLE|TYPE|FUNCTION|VIEW|SEQUENCE)[\s\S]*\bRENAME\b/, "renames what it uses"],
  [
    /^ALTER TABLE [\s\S]*\bALTER (COLUMN )?\w+ (SET DATA )?TYPE\b/,
    "changes a type, and writes the table anew",
  ],
  [/^ALTER TABLE [\s\S]*\bSET NOT NULL\b/, "refuses rows that it writes"],
  [/^ALTER TABLE [\s\S]*\bALTER (COLUMN )?\w+ DROP DEFAULT\b/, "refuses rows that it writes"],
  [
    /^ALTER TABLE [\s\S]*\bADD (COLUMN )?(?!CONSTRAINT)(IF NOT EXISTS )?\w+ (?:(?!DEFAULT|GENERATED|,\s*ADD)[\s\S])*\bNOT NULL\b(?:(?!DEFAULT|GENERATED|,\s*ADD)[\s\S])*($|,\s*ADD)/,
    "refuses rows that it writes",
  ],
  [/^REVOKE [\s\S]*\bFROM\b[\s\S]*\bpostern_(app|worker)\b/, "takes a right that it uses"],
];

/** The statements of a migration, each with the comment above it, without the bodies of functions. */
function statementsOf(sql: string): { readonly comment: string; readonly statement: string }[] {
  const bodies = sql.replaceAll(/(\$\w*\$)[\s\S]*?\1/g, "''");
  return bodies.split(/;[ \t]*(?:\n|$)/).map((text) => ({
    comment: [...text.matchAll(/^[ \t]*--(.*)$/gm)].map(([, line = ""]) => line.trim()).join(" "),
    statement: text.replaceAll(/--.*$/gm, "").replaceAll(/\s+/g, " ").trim(),
  }));
}

/**
 * The statements of a migration that break the version before, unless a comment above says since when no served
 * version uses the thing.
 */
function faultsOf(sql: string): string[] {
  return statementsOf(sql).flatMap(({ comment, statement }) =>
    /\bNot used since \S+/.test(comment)
      ? []
      : breaking
          .filter(([shape]) => shape.test(statement))
          .map(([, why]) => `${why}: ${statement.slice(0, 80)}`),
  );
}

it("a migration breaks nothing of the version before, which serves meanwhile", () => {
  const migrations = readdirSync(folder).filter((name) => /^\d/.test(name) && name >= first);
  expect(migrations.length).toBeGreaterThan(3);
  const faults = migrations.flatMap((name) =>
    faultsOf(readFileSync(join(folder, name, "migration.sql"), "utf8")).map((fault) => `${name} ${fault}`),
  );
  expect(faults).toEqual([]);
});

it("the rule knows what breaks it", () => {
  for (const statement of [
    "DROP TABLE bundles",
    "DROP FUNCTION IF EXISTS link_counts(uuid)",
    "ALTER TABLE sessions DROP COLUMN user_agent",
    "ALTER TABLE sessions ADD COLUMN other text,\n  DROP user_agent",
    "ALTER TABLE sessions RENAME COLUMN a TO b",
    "ALTER TYPE alert_kind RENAME VALUE 'a' TO 'b'",
    "ALTER TABLE sessions ALTER COLUMN a TYPE bigint",
    "ALTER TABLE sessions ALTER a SET NOT NULL",
    "ALTER TABLE sessions ADD COLUMN a integer NOT NULL",
    "ALTER TABLE sessions ADD COLUMN a integer NOT NULL CHECK (a > 0), ADD COLUMN b text DEFAULT ''",
    "REVOKE UPDATE ON sessions FROM postern_app",
  ]) {
    expect(faultsOf(`${statement};`), statement).toHaveLength(1);
    expect(faultsOf(`-- Not used since 1.2.0.\n${statement};`), statement).toEqual([]);
  }
  for (const statement of [
    "CREATE TABLE a (b text NOT NULL)",
    "ALTER TABLE sessions ADD COLUMN a boolean NOT NULL DEFAULT false",
    "ALTER TABLE sessions DROP CONSTRAINT a, ADD CONSTRAINT a CHECK (true)",
    "ALTER TABLE sessions ALTER a DROP NOT NULL",
    "ALTER TYPE alert_kind ADD VALUE 'a'",
    "REVOKE ALL ON FUNCTION f() FROM PUBLIC",
    "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n  DROP TABLE x;\nEND $$",
  ])
    expect(faultsOf(`${statement};`), statement).toEqual([]);
});
