import { afterAll, vi } from "vitest";

/** The state that this file found, and that it must restore for the next file of the same process. */
const environment = { ...process.env };
const globals = new Map(Object.entries(globalThis));

afterAll(() => {
  vi.restoreAllMocks();
  for (const name of Object.keys(process.env))
    if (!(name in environment)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, environment);
  for (const name of Object.keys(globalThis))
    if (name.startsWith("postern") && !globals.has(name)) Reflect.deleteProperty(globalThis, name);
});
