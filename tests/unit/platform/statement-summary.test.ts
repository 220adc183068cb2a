import { expect, it } from "vitest";
import { statementSummary } from "@/lib/platform/statement-summary";

it.each([
  ["SELECT postern_now() AS now", "SELECT"],
  [
    "SELECT a.id FROM assignments a JOIN principals p ON p.id = a.principal_id",
    "SELECT assignments principals",
  ],
  [
    "WITH RECURSIVE own AS (SELECT 1 FROM groups) SELECT * FROM own JOIN scopes s ON true",
    "SELECT groups scopes",
  ],
  ["WITH kept AS MATERIALIZED (SELECT 1) SELECT * FROM kept", "SELECT"],
  ["SELECT * FROM unnest($1::uuid[]) each, LATERAL (SELECT 1 FROM requests) r", "SELECT requests"],
  ["SELECT EXTRACT(epoch FROM ended_at) FROM sessions", "SELECT ended_at sessions"],
])("names the tables of %s", (text, summary) => {
  expect(statementSummary(text)).toBe(summary);
});

it("is as long as it may be at most, whatever is read", () => {
  const tables = Array.from({ length: 100 }, (_, index) => `JOIN table_${index} ON true`).join(" ");
  expect(statementSummary(`SELECT 1 FROM first ${tables}`).length).toBeLessThanOrEqual(255);
});
