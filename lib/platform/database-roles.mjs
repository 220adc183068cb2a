import { createHash } from "node:crypto";
import pg from "pg";

/**
 * The roles of one installation. Roles are the cluster's and a database's name is unique in it, so that each database has
 * its own and two installations on one cluster share none (docs/decisions/database-logins.md). `application` and `worker`
 * hold the rights; `serving` and `working` are logins that are members of them.
 *
 * @param {string} database The database's name.
 */
export function databaseRoles(database) {
  const suffix = createHash("sha256").update(database).digest("hex").slice(0, 12);
  return {
    application: `postern_app_${suffix}`,
    worker: `postern_worker_${suffix}`,
    serving: `postern_serving_${suffix}`,
    working: `postern_working_${suffix}`,
  };
}

/**
 * The roles of the database that an address leads to.
 *
 * @param {string} url
 */
export function rolesAt(url) {
  return databaseRoles(new pg.Client({ connectionString: url }).database ?? "");
}
