import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One name that a file imports. */
interface Import {
  readonly by: string;
  /** The file and the name in it. */
  readonly of: string;
  /** What it is called where it is imported. */
  readonly as: string;
}

/** What the product's rules and operations, and the tests in these folders, import by name, without types. */
function readImports(tests: readonly string[]): Import[] {
  const files = ["lib", "tests/support", ...tests].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.startsWith("platform/generated/"))
      .map((name) => `${folder}/${name}`),
  );
  return files.flatMap((by) =>
    [...readFileSync(by, "utf8").matchAll(/^import \{([^}]*)\} from "([@.][^"]*)";/gm)].flatMap(
      ([, names = "", from = ""]) => {
        const path = from.startsWith("@/") ? from.slice(2) : join(dirname(by), from);
        const file = [path, `${path}.ts`].find((each) => each.endsWith(".ts") && existsSync(each));
        const named = names.split(",").flatMap((each) => {
          const [, name, other = name] = /^\s*(\w+)(?: as (\w+))?\s*$/.exec(each) ?? [];
          return name && other ? [{ by, of: `${file} ${name}`, as: other }] : [];
        });
        return file ? named : [];
      },
    ),
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

/** The exported names among these declarations that use this name, directly or through others. */
function namesUsing(declarations: readonly Declaration[], name: string): string[] {
  const using = new Set([name]);
  for (const used of using) {
    const word = new RegExp(`\\b${used}\\b`);
    for (const each of declarations) if (word.test(each.text)) using.add(each.name);
  }
  return declarations.filter((each) => each.exported && using.has(each.name)).map((each) => each.name);
}

/** Tests that take a minute or more. `--with` runs them. */
const slow = new RegExp(
  [
    "/gate/(?:every-gate|every-verb|beyond-authority|hidden-and-made-up|lock-order|rights-to-the-end|settings-at-once)",
    "/(?:sign-in|mail-server-faults|real-files|kept-plans|killed-import|catch-up)\\.test",
    "(?:-fuzz|-of-many)",
  ].join("|"),
);

/** Finds the tests in these folders that are nearest to a place in a file, by what uses what: the nearest first. */
export function nearTests(folders: readonly string[]): (file: string, place: number) => string[] {
  const importers = new Map<string, Import[]>();
  for (const each of readImports(folders)) importers.set(each.of, [...(importers.get(each.of) ?? []), each]);
  const known = new Map<string, Declaration[]>();
  const declarationsIn = (file: string) => {
    const declarations = known.get(file) ?? declarationsOf(readFileSync(file, "utf8"));
    known.set(file, declarations);
    return declarations;
  };
  return (file, place) => {
    const changed = declarationsIn(file).findLast(({ start }) => start <= place);
    const names = changed ? namesUsing(declarationsIn(file), changed.name) : [];
    // How far each name is.
    const reached = new Map(names.map((name) => [`${file} ${name}`, 0]));
    const tests = new Map<string, { readonly far: number; names: number }>();
    for (const [each, far] of reached)
      for (const { by, as } of importers.get(each) ?? []) {
        if (by.endsWith(".test.ts")) {
          const found = tests.get(by);
          if (!found) tests.set(by, { far, names: 1 });
          else if (found.far === far) found.names += 1;
        } else
          for (const name of namesUsing(declarationsIn(by), as))
            if (!reached.has(`${by} ${name}`)) reached.set(`${by} ${name}`, far + 1);
      }
    return [...tests]
      .filter(([path]) => !slow.test(path))
      .sort(([, a], [, b]) => a.far - b.far || b.names - a.names)
      .map(([path]) => path);
  };
}
