// All that Postern knows about how React encodes the arguments of a server action. The format is React's own
// and may change with any version. tests/unit/http/react-arguments.test.ts checks it against React itself,
// tests/e2e/server/posted-actions.spec.ts against the built product (docs/decisions/posted-forms.md).

/**
 * React's encoding of a value that JSON cannot express, and of a text that begins with a dollar sign.
 * References to other parts are not accepted, except to the fields of a form (K), since they can be made to
 * mean far more than was sent.
 */
const plainValue =
  /^\$(?:\$.*|K[0-9a-f]{1,4}|T|undefined|NaN|-?Infinity|-0|n-?\d{1,300}|D\d{4}-[\dT:.-]{1,40}Z)$/s;
/** The names of what the page's script sends besides its arguments: the fields of a form. */
const fieldOfForm = /^_\d{1,4}_/;
/** The limits of an action's arguments, with room to spare: their number, depth and values. */
const most = { arguments: 10, depth: 20, values: 20_000 };

function makesNoSense(value: unknown, count = { values: 0 }, depth = 0): boolean {
  count.values += 1;
  if (typeof value === "string") return value.startsWith("$") && !plainValue.test(value);
  if (typeof value !== "object" || value === null) return count.values > most.values;
  return depth > most.depth || Object.values(value).some((each) => makesNoSense(each, count, depth + 1));
}

/** The parsed JSON; undefined if it is not JSON. */
function parsed(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether these are the arguments of an action: one list, as the page's script writes it. */
export function areArguments(texts: readonly unknown[]): boolean {
  const given = texts.length === 1 ? parsed(texts[0]) : undefined;
  return Array.isArray(given) && given.length <= most.arguments && !makesNoSense(given);
}

/** Whether these are the arguments of an action and nothing else but the fields of its form. */
export function areCallsFields(fields: FormData): boolean {
  const others = [...fields.keys()].filter((name) => name !== "0");
  return areArguments(fields.getAll("0")) && others.every((name) => fieldOfForm.test(name));
}

/** The only action that a form without the page's script names. Null if it names none, or only incompletely. */
export function namedAction(fields: FormData): string | null {
  const names = [...fields.keys()].filter((name) => /^\$ACTION_(ID|REF)_/.test(name));
  const [name = ""] = names;
  if (names.length !== 1) return null;
  if (name.startsWith("$ACTION_ID_")) return name.slice("$ACTION_ID_".length);
  const prefix = `$ACTION_${name.slice("$ACTION_REF_".length)}:`;
  // Nothing else, since its references would be followed.
  const action = parsed(fields.get(`${prefix}0`)) as { id?: unknown; bound?: unknown } | null | undefined;
  if (typeof action?.id !== "string" || Object.keys(action).some((key) => key !== "id" && key !== "bound"))
    return null;
  if (action.bound === null) return action.id;
  const bound = typeof action.bound === "string" ? /^\$@([0-9a-f]+)$/.exec(action.bound)?.[1] : undefined;
  return bound !== undefined && areArguments(fields.getAll(prefix + bound)) ? action.id : null;
}
