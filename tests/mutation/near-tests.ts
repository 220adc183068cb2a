import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Import {
  readonly by: string;
  readonly file: string;
  /** What is imported by name. Null if it is everything. */
  readonly names: readonly string[] | null;
}

/** What every file of the rules, their operations and their integration tests imports, without types. */
function readImports(): Import[] {
  const files = ["lib", "tests/support", "tests/integration"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.startsWith("platform/generated/"))
      .map((name) => `${folder}/${name}`),
  );
  return files.flatMap((by) =>
    [
      ...readFileSync(by, "utf8").matchAll(/^(?:import|export) (?!type )([^;"]*?) from "([@.][^"]*)";/gm),
    ].flatMap(([, what = "", from = ""]) => {
      const path = from.startsWith("@/") ? from.slice(2) : join(dirname(by), from);
      const file = [path, `${path}.ts`].find((each) => each.endsWith(".ts") && existsSync(each));
      const [, named] = /^\{([^}]*)\}$/s.exec(what.trim()) ?? [];
      const names = named?.split(",").map((each) => each.trim().split(" ")[0] ?? "") ?? null;
      return file ? [{ by, file, names }] : [];
    }),
  );
}

interface Declaration {
  readonly name: string;
  readonly exported: boolean;
  readonly start: number;
  readonly text: string;
}

function declarationsOf(source: string): Declaration[] {
  const found = [...source.matchAll(/^(export )?(?:async )?(?:function|const|class) (\w+)/gm)];
  return found.map((each, index) => ({
    ...{ name: each[2] ?? "", exported: each[1] !== undefined, start: each.index },
    text: source.slice(each.index, found[index + 1]?.index),
  }));
}

/** The exported names of a file that use what stands at a place in it. */
function namesUsing(source: string, place: number): string[] {
  const declarations = declarationsOf(source);
  const changed = declarations.findLast(({ start }) => start <= place);
  if (!changed) return declarations.filter(({ exported }) => exported).map(({ name }) => name);
  const using = new Set([changed]);
  for (const used of using)
    for (const each of declarations) if (new RegExp(`\\b${used.name}\\b`).test(each.text)) using.add(each);
  return [...using].filter(({ exported }) => exported).map(({ name }) => name);
}

/** Tests that take a minute or more. `--with` runs them. */
const slow = new RegExp(
  [
    "/gate/(?:every-gate|every-verb|beyond-authority|hidden-and-made-up|lock-order|rights-to-the-end|settings-at-once)",
    "/(?:sign-in|mail-server-faults|real-files|kept-plans|killed-import|catch-up)",
    "(?:-fuzz|-of-many)",
  ].join("|"),
);

/** Finds the integration tests that are nearest to a place in a file, by what imports what: the nearest first. */
export function nearTests(): (file: string, place: number) => string[] {
  const imports = readImports();
  const importers = new Map<string, Import[]>();
  for (const each of imports) importers.set(each.file, [...(importers.get(each.file) ?? []), each]);
  return (file, place) => {
    const names = namesUsing(readFileSync(file, "utf8"), place);
    const direct = (importers.get(file) ?? []).filter(
      (each) => each.names === null || each.names.some((name) => names.includes(name)),
    );
    // How far each file is, and by how many of the nearest ways.
    const reached = new Map(direct.map(({ by }) => [by, { far: 1, ways: 1 }]));
    for (const [each, { far }] of reached) {
      // What supports all tests says little of each.
      const next = far + (each.startsWith("tests/support/") ? 3 : 1);
      for (const { by } of importers.get(each) ?? []) {
        const known = reached.get(by);
        if (known?.far === next) known.ways += 1;
        else if (!known) reached.set(by, { far: next, ways: 1 });
      }
    }
    return [...reached]
      .filter(([path]) => path.endsWith(".test.ts") && !slow.test(path))
      .sort(([, a], [, b]) => a.far - b.far || b.ways - a.ways)
      .map(([path]) => path);
  };
}
