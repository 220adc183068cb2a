import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

/** The wrappers that make an action that knows its caller, each with its file. */
const wrappers: Readonly<Record<string, string>> = {
  formAction: "@/lib/web/actions/form-action",
  provedAction: "@/lib/web/actions/form-action",
  challengeAction: "@/lib/web/actions/challenge-action",
  previewAction: "@/lib/web/actions/preview-action",
  buttonAction: "@/lib/web/actions/button-action",
  lookup: "@/lib/web/actions/lookup",
};
const strangerFile = "@/lib/web/actions/stranger-action";
/** The only wrappers that make an action for people who have not signed in. */
const strangerWrappers: Readonly<Record<string, readonly string[]>> = {
  strangerAction: [
    ...[
      "beginFirstApp",
      "beginFirstPasskey",
      "beginOwnersApp",
      "beginPasskey",
      "confirmFirstApp",
      "confirmFirstPasskey",
      "confirmOwnersApp",
      "finishPasskey",
    ],
    ...[
      "nameTheOrganisation",
      "resumeTheSetUp",
      "setOwnPassword",
      "setUp",
      "showSecondFactor",
      "signInAction",
    ],
  ],
  strangerButton: ["signOutAction"],
};

const directive = "use server";
const files = ["app", "components", "lib"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

type Expression = NonNullable<
  Extract<
    ReturnType<typeof parseSync>["program"]["body"][number],
    { type: "VariableDeclaration" }
  >["declarations"][number]["init"]
>;

/** The name of the function that an expression calls; null for anything but a plain call of a name. */
function calledBy(expression: Expression | null): string | null {
  if (expression?.type !== "CallExpression" || expression.callee.type !== "Identifier") return null;
  const [first] = expression.arguments;
  if (expression.callee.name !== "withState") return expression.callee.name;
  return first && first.type !== "SpreadElement" ? calledBy(first) : null;
}

/** The faults of a file of actions: every export that no wrapper makes. */
function faultsOf(path: string, text: string): string[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be read`);
  const imported = new Map<string, string>();
  for (const statement of program.body)
    if (statement.type === "ImportDeclaration")
      for (const each of statement.specifiers)
        if (each.type === "ImportSpecifier" && each.imported.type === "Identifier")
          if (each.imported.name === each.local.name)
            // A wrapper under another name does not count.
            imported.set(each.local.name, statement.source.value);

  const isMade = (name: string, wrapper: string | null) => {
    if (wrapper === null) return false;
    if (wrapper in wrappers) return imported.get(wrapper) === wrappers[wrapper];
    return strangerWrappers[wrapper]?.includes(name) === true && imported.get(wrapper) === strangerFile;
  };
  return program.body.flatMap((statement) => {
    if (statement.type === "ExportDefaultDeclaration" || statement.type === "ExportAllDeclaration")
      return [`${path}: ${statement.type}`];
    if (statement.type !== "ExportNamedDeclaration" || statement.exportKind === "type") return [];
    const { declaration } = statement;
    if (declaration?.type === "TSInterfaceDeclaration" || declaration?.type === "TSTypeAliasDeclaration")
      return [];
    if (declaration?.type !== "VariableDeclaration") return [`${path}: not a constant`];
    return declaration.declarations.flatMap(({ id, init }) => {
      const name = id.type === "Identifier" ? id.name : "several names";
      return isMade(name, calledBy(init)) ? [] : [`${path}: ${name}`];
    });
  });
}

describe("server actions", () => {
  const actions = files.filter(({ text }) => /^\s*["']use server["']/m.test(text));

  it("are each made by a wrapper that finds the caller, or by one of the few for strangers", () => {
    expect(actions.length).toBeGreaterThan(20);
    expect(actions.flatMap(({ path, text }) => faultsOf(path, text))).toEqual([]);
  });

  it("stand in files that say so in their first line, and nowhere else", () => {
    const faults = files.filter(
      ({ path, text }) =>
        text.split(directive).length !== (path.endsWith("/actions.ts") ? 2 : 1) ||
        (path.endsWith("/actions.ts") && !text.startsWith(`"${directive}";\n`)),
    );
    expect(faults.map(({ path }) => path)).toEqual([]);
  });

  it("get their caller from nowhere but their wrapper", () => {
    const faults = actions.filter(
      ({ path, text }) =>
        path !== "app/sign-in/actions.ts" && /\b(?:currentCaller|requireCaller)\b/.test(text),
    );
    expect(faults.map(({ path }) => path)).toEqual([]);
  });

  it.each([
    ["a function", "export async function drop(form: FormData) { return form; }"],
    ["a function of its own", "export const drop = async () => 1;"],
    ["a default", "export default async function drop() {}"],
    ["what another file has", 'export * from "./others";'],
    ["a name given later", "const drop = async () => 1; export { drop };"],
    ["a wrapper of its own", "const formAction = (x: unknown) => x; export const drop = formAction({});"],
    ["a wrapper of another file", 'import { formAction } from "./own"; export const drop = formAction({});'],
    [
      "an action for strangers",
      `import { strangerAction } from "${strangerFile}"; export const drop = strangerAction({});`,
    ],
    [
      "a wrapper within a function",
      `import { formAction } from "${wrappers.formAction}"; export const drop = async () => formAction({});`,
    ],
  ])("may not be %s", (_what, text) => {
    expect(faultsOf("app/actions.ts", `"${directive}";\n${text}`)).toHaveLength(1);
  });
});
