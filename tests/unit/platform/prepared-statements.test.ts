import { describe, expect, it } from "vitest";
import { isPlannedOnce, planOnce, statementNames } from "@/lib/platform/prepared-statements";

describe("names of prepared statements", () => {
  it("begin with the second time a statement is seen, and stay", () => {
    const nameOf = statementNames();
    const [one, other] = [{ sql: "SELECT 1" }, { sql: "SELECT 2" }];
    expect([nameOf(one), nameOf(other)]).toEqual(["", ""]);
    const names = [nameOf(one), nameOf(other)];
    expect(new Set(names).size).toBe(2);
    expect(names).not.toContain("");
    expect([nameOf(one), nameOf(other)]).toEqual(names);
  });

  it("are not given to batches, nor without end", () => {
    const nameOf = statementNames();
    const twice = (sql: string) => [nameOf({ sql }), nameOf({ sql })][1];
    expect(twice(`SELECT ${"1, ".repeat(5_000)} 1`)).toBe("");
    const given = Array.from({ length: 2_000 }, (_, index) => twice(`SELECT ${index}`));
    expect(new Set(given.filter(Boolean)).size).toBe(400);
  });

  it.each([
    ["SELECT id FROM sessions WHERE id = $1", true],
    ["UPDATE sessions SET ended_at = postern_now() WHERE id = $1", true],
    ["SELECT id FROM a WHERE b = ANY ($1) ORDER BY id FOR SHARE", true],
    ["SELECT id FROM resources WHERE path > $1 ORDER BY path LIMIT 50", false],
    ["SELECT count(*) FROM assignments", false],
    ["SELECT id FROM people WHERE name ILIKE $1", false],
    [`SELECT ${planOnce.sql} id FROM a WHERE user_id = $1 ORDER BY id`, true],
  ])("%s: planned once is %s", (sql, once) => expect(isPlannedOnce(sql)).toBe(once));
});
