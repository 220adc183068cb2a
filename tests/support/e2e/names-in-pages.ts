import { parseSync } from "vite";

/** A node of the source (ESTree, with JSX and TypeScript), and its surroundings. */
interface SourceNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A text typed by people that a page writes unchanged. */
export interface BareName {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Places where no element can be: in a text, an attribute or an option. */
  readonly plain: boolean;
}

/** The names of properties that hold typed text. */
const typed =
  /^(displayName|name|(role|resource|principal|member|group|manager|parent|review|accessReview|requestor|administrator|file)Name|justification|reason|[a-z]+Reason|outcomeMessage|ticketNumber|ticketSystem)$/;

/** Objects of the interface, whose names nobody typed. */
const ours = /^(props|field|input|tab|column|setting|series|shortcut)$/;

/** Properties that no reader sees, or that pass a text on to be shown. */
const handedOn = /^(key|href|id|className|displayName|roleName|resourceName)$/;

/** Attributes that no reader sees, or that their element shows itself. */
const unread =
  /^(key|href|id|className|name|value|htmlFor|defaultValue|of|src|action|returnPath|list|data-.*)$/;

const readAttributes = /^(aria-label|title|alt|placeholder)$/;
const takesText = /^(option|title|text|tspan|textarea)$/;

function isNode(value: unknown): value is SourceNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function child(node: SourceNode | undefined, field: string): SourceNode | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

function nameOf(node: SourceNode | undefined): string {
  return typeof node?.name === "string" ? node.name : "";
}

function isTyped(node: SourceNode): boolean {
  if (node.type === "ChainExpression") return isTyped(child(node, "expression") ?? node);
  if (node.type === "Identifier") return nameOf(node) !== "name" && typed.test(nameOf(node));
  if (node.type !== "MemberExpression" || node.computed === true) return false;
  const property = nameOf(child(node, "property"));
  return typed.test(property) && (property !== "name" || !ours.test(nameOf(child(node, "object"))));
}

/** The possible values of an expression. */
function alternatives(node: SourceNode | undefined): SourceNode[] {
  if (!node) return [];
  const of = (field: string) => alternatives(child(node, field));
  switch (node.type) {
    case "ParenthesizedExpression":
    case "TSNonNullExpression":
      return of("expression");
    case "ConditionalExpression":
      return [...of("consequent"), ...of("alternate")];
    case "LogicalExpression":
      return node.operator === "&&" ? of("right") : [...of("left"), ...of("right")];
    default:
      return [node];
  }
}

/** Within an attribute or a property that is not a text for people: an address, a key. */
function isUnread(ancestors: readonly SourceNode[]): boolean {
  for (const each of ancestors.toReversed()) {
    if (each.type === "JSXAttribute") return unread.test(nameOf(child(each, "name")));
    if (each.type === "Property") return handedOn.test(nameOf(child(each, "key")));
    if (each.type === "NewExpression") return true;
    if (/Statement$|Declaration$/.test(each.type)) return false;
  }
  return false;
}

/** The texts that people typed and that the source of a page writes unchanged. */
export function bareNames(file: string, source: string): BareName[] {
  const found: BareName[] = [];
  const add = (node: SourceNode | undefined, plain: boolean) => {
    for (const { start, end } of alternatives(node).filter(isTyped))
      found.push({ text: source.slice(start, end), start, end, plain });
  };
  const visit = (node: SourceNode, ancestors: readonly SourceNode[]): void => {
    const parent = ancestors.at(-1);
    if (node.type === "JSXExpressionContainer" && parent) {
      const tag = nameOf(child(child(parent, "openingElement"), "name"));
      if (parent.type === "JSXElement" || parent.type === "JSXFragment")
        add(child(node, "expression"), takesText.test(tag));
      const around = nameOf(child(ancestors.at(-2), "name"));
      if (
        parent.type === "JSXAttribute" &&
        readAttributes.test(nameOf(child(parent, "name"))) &&
        /^[a-z]/.test(around)
      )
        add(child(node, "expression"), true);
    }
    // A tagged one is a statement of SQL.
    const said = node.type === "TemplateLiteral" && parent?.type !== "TaggedTemplateExpression";
    if (said && Array.isArray(node.expressions) && !isUnread(ancestors))
      for (const each of node.expressions) add(isNode(each) ? each : undefined, true);
    for (const value of Object.values(node))
      for (const each of Array.isArray(value) ? value : [value])
        if (isNode(each)) visit(each, [...ancestors, node]);
  };
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be read`);
  visit(program as unknown as SourceNode, []);
  return found;
}
