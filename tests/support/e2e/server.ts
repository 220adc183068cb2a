/**
 * The server of this worker's journeys: its address, its data folder, where its browser keeps files, and when
 * the demo was ready.
 */
export interface Server {
  readonly url: string;
  readonly folder: string;
  readonly browserFolder: string;
  readonly begun: string;
}

/** The server of this worker (tests/support/e2e/setup.ts starts one for each). Throws outside of a journey. */
export function server(): Server {
  const named = (name: string) => {
    const value = process.env[`${name}_${process.env.TEST_PARALLEL_INDEX}`];
    if (value === undefined) throw new Error(`${name} is not set for this worker`);
    return value;
  };
  return {
    url: named("E2E_URL"),
    folder: named("E2E_FOLDER"),
    browserFolder: named("E2E_BROWSER_FOLDER"),
    begun: named("E2E_BEGUN"),
  };
}

/** What scheduled imports of a server may read: this folder in its data folder. */
export const importFolder = "import-lists";
