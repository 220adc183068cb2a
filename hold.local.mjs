import pg from "pg";
import * as e from "./scripts/parts/embedded-postgres.mjs";

for (const folder of ["/tmp/fast-small", "/tmp/fast-big"]) {
  const db = await e.startPostgres(folder);
  const url = typeof db.url === "function" ? db.url("postern") : db.url.replace(/\/[^/]*$/, "/postern");
  const c = new pg.Client({ connectionString: url });
  await c.connect();
  await c.query("DROP INDEX IF EXISTS resources_below_idx");
  await c.query(
    "CREATE INDEX resources_below_idx ON resources (path) INCLUDE (id, resource_type, display_name)",
  );
  await c.query("VACUUM ANALYZE resources");
  await c.end();
}
console.log("up");
setInterval(() => {}, 1000);
