import { createHash } from "node:crypto";
import pg from "pg";

/** The names of the roles and logins of one database. */
export interface DatabaseRoles {
  readonly application: string;
  readonly worker: string;
  readonly serving: string;
  readonly working: string;
}

/**
 * The roles of one installation. Roles belong to the cluster, and a database's name is unique in it. So each database
 * has its own roles, and two installations on one cluster share none (docs/decisions/database-logins.md).
 * `application` and `worker` have the rights; `serving` and `working` are logins that are members of them.
 */
export function databaseRoles(database: string): DatabaseRoles {
  const suffix = createHash("sha256").update(database).digest("hex").slice(0, 12);
  return {
    application: `postern_app_${suffix}`,
    worker: `postern_worker_${suffix}`,
    serving: `postern_serving_${suffix}`,
    working: `postern_working_${suffix}`,
  };
}

/** The roles of the database at an address. */
export function rolesAt(url: string): DatabaseRoles {
  return databaseRoles(new pg.Client({ connectionString: url }).database ?? "");
}
