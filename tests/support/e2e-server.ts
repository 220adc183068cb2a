/** The server that this worker's journeys use: its address, its data folder, and where its browser keeps files. */
export interface Server {
  readonly url: string;
  readonly folder: string;
  readonly browserFolder: string;
}

/** The server of this worker (tests/support/e2e-setup.ts starts one for each). Throws outside of a journey. */
export function server(): Server {
  const told = (name: string) => {
    const value = process.env[`${name}_${process.env.TEST_PARALLEL_INDEX}`];
    if (value === undefined) throw new Error(`${name} is not set for this worker`);
    return value;
  };
  return {
    url: told("E2E_URL"),
    folder: told("E2E_FOLDER"),
    browserFolder: told("E2E_BROWSER_FOLDER"),
  };
}
