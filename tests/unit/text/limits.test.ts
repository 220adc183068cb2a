import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { limits } from "@/lib/domain/text/limits";

const root = join(import.meta.dirname, "../../..");

it("the database holds the same longest names as forms and imports", () => {
  const folder = join(root, "prisma/migrations");
  const sql = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readFileSync(join(folder, name, "migration.sql"), "utf8"))
    .join("");
  const checked = Object.fromEntries(
    [
      ...sql.matchAll(
        /CONSTRAINT (\w+_(?:length|number)) CHECK \((?:char_length|cardinality)\(\w+\) <= (\d+)\)/g,
      ),
    ].map(([, name, most]) => [name, Number(most)]),
  );
  expect(checked).toEqual({
    principals_display_name_length: limits.displayName,
    principals_external_id_length: limits.externalId,
    role_definitions_role_name_length: limits.roleName,
    role_definitions_description_length: limits.roleDescription,
    role_definitions_assignable_scopes_number: limits.assignableScopes,
    resources_display_name_length: limits.resourceName,
  });
});
