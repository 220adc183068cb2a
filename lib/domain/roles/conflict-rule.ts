import { nameFault, normalisedName, textFault } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";

/** The fields of a rule about conflicting roles. */
export interface ConflictRuleFields {
  readonly name: string;
  /** Why the roles conflict. */
  readonly reason: string;
  /** Nobody may hold a role of the first set together with one of the second. */
  readonly firstRoleIds: readonly string[];
  readonly secondRoleIds: readonly string[];
}

export const conflictLimits = {
  name: 120,
  reason: 1_000,
  /** How many roles of each set. */
  roles: 20,
  /** How many rules of one resource. */
  atResource: 50,
  /** How many rules of the organisation. */
  inAll: 500,
} as const;

/** A rule as it is stored: without spaces around its texts, each role once. */
export function normalConflictRule(fields: ConflictRuleFields): ConflictRuleFields {
  return {
    name: normalisedName(fields.name),
    reason: fields.reason.trim(),
    firstRoleIds: [...new Set(fields.firstRoleIds)].sort(),
    secondRoleIds: [...new Set(fields.secondRoleIds)].sort(),
  };
}

/** Every fault of a rule, by field; empty if it may be saved. Does not check whether its roles exist. */
export function conflictRuleFaults(fields: ConflictRuleFields): { field: string; message: string }[] {
  const faults: { field: string; message: string }[] = [];
  if (fields.name === "" || fields.name.length > conflictLimits.name)
    faults.push({ field: "name", message: `Give a name of at most ${conflictLimits.name} characters.` });
  const wrongName = nameFault(fields.name);
  if (fields.name !== "" && wrongName !== null) faults.push({ field: "name", message: wrongName });
  if (fields.reason === "" || fields.reason.length > conflictLimits.reason)
    faults.push({
      field: "reason",
      message: `Say why the roles conflict, in at most ${conflictLimits.reason} characters.`,
    });
  const wrongReason = textFault(fields.reason);
  if (wrongReason !== null) faults.push({ field: "reason", message: wrongReason });
  for (const field of ["firstRoleIds", "secondRoleIds"] as const)
    if (fields[field].length === 0 || fields[field].length > conflictLimits.roles)
      faults.push({ field, message: `Choose between one and ${conflictLimits.roles} roles.` });
  const first = new Set(fields.firstRoleIds);
  if (fields.secondRoleIds.some((id) => first.has(id)))
    faults.push({
      field: "secondRoleIds",
      message: "A role cannot conflict with itself. Choose roles that are not in the first set.",
    });
  return faults;
}

type Sets = Pick<ConflictRuleFields, "firstRoleIds" | "secondRoleIds">;

/** Each pair of roles that a rule forbids, whichever set each is in. */
function forbiddenPairs({ firstRoleIds, secondRoleIds }: Sets): Set<string> {
  return new Set(
    firstRoleIds.flatMap((first) => secondRoleIds.map((second) => [first, second].sort().join(" "))),
  );
}

/** Whether a change allows a pair of roles that the rule forbade. */
export function weakensConflictRule(before: Sets, after: Sets): boolean {
  const remaining = forbiddenPairs(after);
  return [...forbiddenPairs(before)].some((pair) => !remaining.has(pair));
}

/** Whether two rules forbid the same pairs. */
export function forbidTheSame(one: Sets, other: Sets): boolean {
  return !weakensConflictRule(one, other) && !weakensConflictRule(other, one);
}

/** A pair of roles that somebody would hold together, and the rule that forbids it. */
export interface RoleConflict {
  readonly ruleId: string;
  readonly ruleName: string;
  /** How many people would hold both. */
  readonly people: number;
  readonly personId: string;
  readonly personName: string;
  readonly roleName: string;
  readonly heldRoleName: string;
  readonly heldResourceName: string;
  /** The group through which the other role is held; null if it is held directly. */
  readonly heldThrough: string | null;
  readonly heldFrom: Date;
  /** Null: permanently. */
  readonly heldUntil: Date | null;
  /** Until when an exception allows both; null if there is none. */
  readonly exceptedUntil: Date | null;
}

/** How many conflicts are written out. */
const written = 5;

function oneConflict(conflict: RoleConflict, whose: "Own" | "Person" | "Group"): string {
  const { people, heldUntil } = conflict;
  const who =
    whose === "Own"
      ? "You hold"
      : whose === "Person"
        ? `${isolated(conflict.personName)} holds`
        : `${people === 1 ? "1 person in it holds" : `${people} people in it hold`}`;
  const through = conflict.heldThrough === null ? "" : ` through ${isolated(conflict.heldThrough)}`;
  // For several people, each has an end of their own.
  const until = heldUntil === null || people > 1 ? "" : ` until ${momentText(heldUntil)}`;
  // For several people, each has an exception of their own.
  const excepted =
    conflict.exceptedUntil === null || people > 1
      ? ""
      : ` An exception allows both until ${momentText(conflict.exceptedUntil)}: choose an end no later than that.`;
  return `${who} ${isolated(conflict.heldRoleName)} on ${isolated(conflict.heldResourceName)}${through}${until}, which conflicts with ${isolated(conflict.roleName)} by the rule ${isolated(conflict.ruleName)}.${excepted}`;
}

/** Why one of several roles cannot be activated together with an earlier one. */
export function conflictWithin(conflicts: readonly RoleConflict[]): string {
  const sentences = conflicts
    .slice(0, written)
    .map(
      ({ heldRoleName, heldResourceName, ruleName }) =>
        `It conflicts with ${isolated(heldRoleName)} on ${isolated(heldResourceName)}, which is activated here too, by the rule ${isolated(ruleName)}.`,
    );
  return [...new Set(sentences)].join(" ");
}

/** Whose access the conflicts are about. */
interface WhoseConflict {
  readonly caller: string | null;
  /** The principals whose own access it is, who are named. Of a group's members only the number is given. */
  readonly personal: readonly string[];
}

/** Each conflict in a sentence. */
export function conflictSentences(conflicts: readonly RoleConflict[], who: WhoseConflict): string[] {
  return conflicts.map((each) =>
    oneConflict(
      each,
      each.personId === who.caller && each.people === 1
        ? "Own"
        : who.personal.includes(each.personId)
          ? "Person"
          : "Group",
    ),
  );
}

/** The first conflicts, and how many more there are. */
export function joinedConflicts(sentences: readonly string[]): string {
  const more = sentences.length - written;
  return [...sentences.slice(0, written), ...(more > 0 ? [`And ${more} more.`] : [])].join(" ");
}

/** Why access is refused, in one text. */
export function conflictMessage(conflicts: readonly RoleConflict[], who: WhoseConflict): string {
  return joinedConflicts(conflictSentences(conflicts, who));
}
