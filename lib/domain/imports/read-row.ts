import type { z } from "zod";
import { ofArm } from "@/lib/domain/imports/arm-entry";
import type { FileRow, ImportKind } from "@/lib/domain/imports/import-kinds";
import { entryShapes } from "@/lib/domain/imports/import-shapes";

/** The form of PIM's API answers. */
const ofPim: ReadonlySet<ImportKind> = new Set(["ActiveAssignments", "Eligibilities", "RoleSettings"]);

/** Reads one entry of a file as a row of this kind, or says what is wrong with it. */
export function rowOf(kind: ImportKind, place: Pick<FileRow, "number" | "line">, value: unknown): FileRow {
  // PostgreSQL's JSON cannot store NUL or half a surrogate pair. JSON.stringify escapes exactly these.
  const written = writtenAs(value);
  if (written === null) return { ...place, title: "", fault: "It is nested too deeply." };
  if (/\\u(0000|d[89a-f])/i.test(written)) {
    return { ...place, title: "", fault: "It contains a character that is not text." };
  }
  const shape: z.ZodType<object> = entryShapes[kind];
  const entry = ofPim.has(kind) ? ofArm(value) : value;
  const parsed = shape.safeParse(entry);
  if (parsed.success) return { ...place, title: titleOf(parsed.data), data: parsed.data };
  return {
    ...place,
    title: titleOf(typeof entry === "object" && entry !== null ? entry : {}),
    fault: faultsInWords(parsed.error.issues, entry),
  };
}

/** A value as JSON; null if it is nested too deeply. */
function writtenAs(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

/** What is wrong with a row, the first fault of each field, at most three of them. */
function faultsInWords(issues: readonly z.core.$ZodIssue[], value: unknown): string {
  const ofField = new Map<string, string>();
  for (const issue of issues) {
    const field = issue.path.join(".");
    if (!ofField.has(field)) ofField.set(field, faultInWords(issue, value));
  }
  const faults = [...ofField]
    .slice(0, 3)
    .map(([field, fault]) => `${field || "It"}${/^(is|has) /.test(fault) || !field ? "" : ":"} ${fault}`)
    .map((sentence) => sentence.replace(/\.$/, ""));
  return `${faults.join("; ")}.`;
}

const kindsOfValues: Readonly<Record<string, string>> = {
  string: "is not a text",
  array: "is not a list",
  boolean: "is neither true nor false",
  object: "is not an object of names and values",
};

function faultInWords(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code !== "invalid_type") return issue.message;
  const given = issue.path.reduce<unknown>(
    (inside, name) => (typeof inside === "object" && inside !== null ? Reflect.get(inside, name) : undefined),
    value,
  );
  return issue.path.length > 0 && (given === undefined || given === null)
    ? "is missing"
    : (kindsOfValues[issue.expected] ?? issue.message);
}

/** What a row is about, for the list of rows. For a row that was not understood, as far as it says. */
function titleOf(data: object): string {
  const record: Readonly<Record<string, unknown>> = { ...data };
  const first = (...names: string[]) =>
    names
      .map((name) => record[name])
      .find((value): value is string => typeof value === "string" && value.trim() !== "");
  const name = first(
    ...[
      "displayName",
      "memberName",
      "member",
      "roleName",
      "principalName",
      "principal",
      "principalId",
      "name",
    ],
    ...["userPrincipalName", "email", "id"],
  );
  const group = first("group");
  const role = first("roleDefinitionName", "role", "roleDefinitionId");
  const scope = first("scope");
  const more = group ? `in ${group}` : role && scope ? `${role} at ${scope}` : (scope ?? first("email"));
  return [name, more === name ? undefined : more].filter(Boolean).join(", ").slice(0, 300);
}
