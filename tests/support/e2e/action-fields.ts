import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "vite";
import { serverActions } from "./server-actions";

interface SourceNode {
  readonly type: string;
  readonly [name: string]: unknown;
}

function isNode(value: unknown): value is SourceNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function keysOf(object: SourceNode): string[] {
  const properties = Array.isArray(object.properties) ? object.properties : [];
  return properties.flatMap(({ type, key }) =>
    type === "Property" && isNode(key) ? [String(key.name)] : [],
  );
}

/** The keys of every object that a file passes to `z.object` or `extend`, or keeps in a constant to spread there. */
export function shapeKeys(file: string, source: string): string[] {
  const found: string[] = [];
  const visit = (node: SourceNode) => {
    const { callee } = node;
    if (node.type === "CallExpression" && isNode(callee) && isNode(callee.property)) {
      const given = Array.isArray(node.arguments) ? node.arguments : [];
      if (["object", "extend"].includes(String(callee.property.name)))
        for (const each of given)
          if (isNode(each) && each.type === "ObjectExpression") found.push(...keysOf(each));
    }
    if (node.type === "VariableDeclarator" && isNode(node.init) && node.init.type === "ObjectExpression")
      found.push(...keysOf(node.init));
    for (const value of Object.values(node))
      for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) visit(each);
  };
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be read`);
  visit(program as unknown as SourceNode);
  return found;
}

/** Every field that any action of the built product reads: of its own shapes and of those in files beside it. */
export function fieldNames(): string[] {
  const files = serverActions().flatMap(({ file }) => {
    const folder = dirname(file);
    const beside = readdirSync(folder).filter((name) => name.endsWith("-shapes.ts"));
    return [file, ...beside.map((name) => join(folder, name))];
  });
  const names = [...new Set(files), "lib/web/form-fields.ts"].flatMap((file) =>
    shapeKeys(file, readFileSync(file, "utf8")),
  );
  return [...new Set(names)];
}
