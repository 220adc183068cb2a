import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureDatabase, startPostgres } from "../../scripts/parts/embedded-postgres.mjs";
import { migrate } from "../../scripts/parts/migrate.mjs";

declare module "vitest" {
  export interface ProvidedContext {
    clusterUrl: string;
  }
}

/** One throwaway PostgreSQL for the run, with a migrated template that nobody opens. */
export default async function setup(project: TestProject) {
  const folder = mkdtempSync(join(tmpdir(), "postern-test-"));
  const cluster = await startPostgres(folder, { durable: false });
  try {
    await migrate(await ensureDatabase(cluster, "postern_template"));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  project.provide("clusterUrl", cluster.url("postgres"));
  return async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
