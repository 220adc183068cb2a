import { z } from "zod";
import { optional, optionalName, optionalNameOf, rootOrScope } from "@/lib/domain/imports/import-fields";
import type { RoleAssignmentRow } from "@/lib/domain/imports/import-kinds";
import { addressOrText } from "@/lib/domain/people/mail-address";
import { normalisedScope } from "@/lib/domain/resources/scope";
import { limits } from "@/lib/domain/text/limits";
import { uuidAtEnd } from "@/lib/domain/text/uuid";

/** The id at the end of a role definition's scope. */
export const idAtEnd = (text: string | null) => uuidAtEnd(normalisedScope(text ?? ""));

const principalTypes = ["User", "Group", "ServicePrincipal"] as const;

/** The type in the file, if any; or why nothing can be assigned to it. */
function principalTypeOf(
  text: string | null,
):
  | { readonly type: RoleAssignmentRow["principalType"]; readonly fault: null }
  | { readonly type: null; readonly fault: string } {
  const type = principalTypes.find((each) => each.toLowerCase() === text?.toLowerCase()) ?? null;
  if (text === null || type !== null) return { type, fault: null };
  return {
    type: null,
    fault:
      text.toLowerCase() === "unknown"
        ? "is Unknown, which Azure uses for a principal that was deleted there"
        : `is none of ${principalTypes.join(", ")}`,
  };
}

const assignmentFields = {
  principalId: optionalName,
  principal: optionalName,
  principalName: optionalNameOf(limits.displayName),
  principalType: optional,
  roleDefinitionId: optional,
  role: optionalName,
  roleDefinitionName: optionalName,
  scope: rootOrScope,
  condition: z
    .string()
    .nullish()
    .refine((value) => !value, "is set: Postern has no conditions, and without it the access would be wider"),
};

/** Who gets which role where. */
function assignmentOf(
  row: z.infer<z.ZodObject<typeof assignmentFields>>,
  context: z.RefinementCtx,
): RoleAssignmentRow {
  const type = principalTypeOf(row.principalType);
  if (type.fault !== null) {
    context.addIssue({ code: "custom", path: ["principalType"], message: type.fault });
  }
  const principal = row.principal ?? row.principalId ?? row.principalName;
  const role = row.role ?? idAtEnd(row.roleDefinitionId) ?? row.roleDefinitionName;
  if (principal === null) context.addIssue({ code: "custom", path: ["principal"], message: "is missing" });
  if (!role) context.addIssue({ code: "custom", path: ["role"], message: "is missing" });
  if (type.fault !== null || principal === null || !role) return z.NEVER;
  const { principalName, roleDefinitionName, scope: at } = row;
  return {
    principal: addressOrText(principal),
    principalType: type.type,
    principalName,
    role,
    roleDefinitionName,
    scope: at,
  };
}

/** An entry of `az role assignment list`. */
export const roleAssignment = z.object(assignmentFields).transform(assignmentOf);

/** A moment, as ARM writes it or as somebody writes it in CSV; null if there is none. */
const moment = optional.transform((value, context) => {
  if (value === null) return null;
  const parsed = z.iso.datetime({ offset: true }).safeParse(value);
  const time = parsed.success ? new Date(parsed.data) : null;
  if (time !== null && !Number.isNaN(time.getTime())) return time.toISOString();
  context.addIssue({ code: "custom", message: "is not a moment, such as 2027-01-31T17:00:00Z" });
  return z.NEVER;
});

/** Access that is not in effect there is not imported. */
const inEffect = new Set(["accepted", "provisioned", "granted", "schedulecreated"]);

const instanceFields = {
  ...assignmentFields,
  start: moment,
  startDateTime: moment,
  end: moment,
  endDateTime: moment,
  memberType: optional.refine(
    (value) => value?.toLowerCase() !== "group",
    "is Group: they have it through a group, whose own entry says so",
  ),
  status: optional.refine(
    (value) => value === null || inEffect.has(value.toLowerCase()),
    "says that it is not in effect there",
  ),
};

/** An entry of `roleEligibilityScheduleInstances`. */
export const eligibility = z
  .object(instanceFields)
  .transform((row, context): RoleAssignmentRow => withTimes(row, assignmentOf(row, context)));

/** An entry of `roleAssignmentScheduleInstances`. Access that a member has activated there is not imported. */
export const activeAssignment = z
  .object({
    ...instanceFields,
    assignmentType: optional.refine(
      (value) => value?.toLowerCase() !== "activated",
      "is Activated: an activation of an eligibility, and no standing assignment. Import the eligibility instead",
    ),
  })
  .transform((row, context): RoleAssignmentRow => withTimes(row, assignmentOf(row, context)));

function withTimes(
  row: z.infer<z.ZodObject<Pick<typeof instanceFields, "start" | "startDateTime" | "end" | "endDateTime">>>,
  assignment: RoleAssignmentRow,
): RoleAssignmentRow {
  return {
    ...assignment,
    startsAt: row.start ?? row.startDateTime,
    endsAt: row.end ?? row.endDateTime,
  };
}
