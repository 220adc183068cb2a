"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import type { SaveOutcome } from "@/components/roles/edit-role-settings";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { roleSettingsShape } from "@/lib/domain/roles/role-settings-shape";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { application } from "@/lib/platform/application";
import { namesOf, searchPrincipals } from "@/lib/queries/assignments/role-members";
import { viewResource } from "@/lib/queries/resources/resources";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldsOf, stepUpFields } from "@/lib/web/form-fields";
import { outcomeOf, type PreparedChallenge, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const shape = z.object({
  roleDefinitionId: z.uuid(),
  resourceId: z.uuid(),
  expectedVersion: z.coerce.number().int().min(0),
  settings: z
    .string()
    .max(50_000)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "These settings cannot be read." });
        return z.NEVER;
      }
    })
    .pipe(roleSettingsShape),
  ...stepUpFields,
});

function inputOf(form: FormData) {
  return shape
    .transform(({ code, challengeId, proofId, ...target }) => ({
      target,
      stepUp: { code, challengeId, proofId },
    }))
    .safeParse(fieldsOf(form));
}

export async function prepareRoleSettings(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = inputOf(form);
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, { kind: "UpdateRoleSettings", ...parsed.data.target });
}

/** Saves role settings; an edit that weakens protection takes a code. A stale one is answered with the newer. */
export async function saveRoleSettings(form: FormData): Promise<SaveOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = inputOf(form);
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: settingErrorsOf(parsed.error) });
  const proof = await proofOf(caller, parsed.data.stepUp);
  if (!proof.ok) return proof.outcome;
  const { database } = application();
  const result = await updateRoleSettings(database, caller, {
    ...parsed.data.target,
    proofId: proof.proofId,
  });
  if (!result.ok) {
    if (result.error.code === "StaleRoleSettings") {
      const { current, currentVersion, changedBy, message } = result.error;
      const approvers = await namesOf(database, namedApprovers(current.approvalStages));
      return {
        ...refused(`${message} Compare both above, then continue.`),
        newer: { settings: current, version: currentVersion, changedBy, approvers },
      };
    }
    return outcomeOf(result.error, proof.proofId);
  }
  revalidatePath("/", "layout");
  return { ok: true, message: "The role settings are saved." };
}

/** Each setting's first fault, by the setting's name. */
function settingErrorsOf(error: z.ZodError): Record<string, string> {
  return Object.fromEntries(
    error.issues.map((issue) => [String(issue.path[1] ?? issue.path[0]), issue.message]).reverse(),
  );
}

/** Users and groups by name, for somebody who may edit role settings at the resource; nothing for anybody else. */
export async function findApprovers(resourceId: unknown, search: unknown): Promise<NamedPrincipal[]> {
  const caller = await currentCaller();
  const parsed = z
    .object({ resourceId: z.uuid(), search: z.string().trim().min(1).max(200) })
    .safeParse({ resourceId, search });
  if (!caller || !parsed.success) return [];
  const { database } = application();
  const resource = await viewResource(database, caller, parsed.data.resourceId);
  if (!resource?.may.writeRoleSettings) return [];
  const found = await searchPrincipals(database, parsed.data.search.replaceAll("\0", ""));
  return found
    .filter((each) => each.type !== "ServicePrincipal")
    .map((each) => ({ ...each, disabled: false }));
}
