"use server";

import { z } from "zod";
import type { SaveOutcome } from "@/components/roles/edit-role-settings";
import { replayEffects } from "@/lib/domain/gate/settings-replay";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { roleSettingsShape } from "@/lib/domain/roles/role-settings-shape";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { namesOf } from "@/lib/queries/assignments/role-members";
import { replaySettings } from "@/lib/queries/roles/replay-settings";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { expectedVersion, jsonOf, knownId, searchText } from "@/lib/web/form-fields";
import { refused } from "@/lib/web/form-outcome";
import { sentenceOf } from "@/lib/web/form-sentences";
import { outcomeOf } from "@/lib/web/refusal-outcome";
import { usersAndGroupsFor } from "../../../../../principals-for";

/** One hidden field holds the settings as JSON. Errors are shown beside the setting they are about. */
const settingsField = z.object({ settings: z.string() }).transform(({ settings }, context) => {
  const parsed = jsonOf(roleSettingsShape, 50_000).safeParse(settings, { error: sentenceOf });
  if (parsed.success) return { settings: parsed.data };
  for (const { path, message } of parsed.error.issues)
    context.addIssue({ code: "custom", path: path.slice(0, 1), message });
  return z.NEVER;
});
const shape = z
  .object({ roleDefinitionId: knownId("role"), resourceId: knownId("resource"), expectedVersion })
  .and(settingsField);

/** The challenge that describes the settings about to be saved. */
export const prepareRoleSettings = challengeAction({
  shape,
  operation: (fields) => ({ kind: "UpdateRoleSettings", ...fields }),
});

/**
 * Saves role settings. An edit that weakens protection requires a code. The answer to a stale edit contains the
 * newer settings.
 */
export const saveRoleSettings = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) =>
    updateRoleSettings(database, caller, { ...fields, proofId }),
  async answer(result, { database, proofId }): Promise<SaveOutcome> {
    if (result.ok) return { ok: true, message: "The role settings are saved." };
    if (result.error.code !== "StaleRoleSettings") return outcomeOf(result.error, proofId);
    const { current, currentVersion, changedBy, message } = result.error;
    const approvers = await namesOf(database, namedApprovers(current.approvalStages));
    return {
      ...refused(`${message} Compare both above, then continue.`),
      newer: { settings: current, version: currentVersion, changedBy, approvers },
    };
  },
});

/** What the settings would have done to the requests of the last ninety days. Null for callers who may not edit them. */
export const replayRoleSettings = lookup({
  shapes: z.tuple([
    z.uuid(),
    z.uuid(),
    roleSettingsShape,
    z.object({ effect: z.enum(replayEffects), page: z.number().int().min(1) }).nullable(),
  ]),
  none: null,
  find: ({ caller, database }, resourceId, roleDefinitionId, settings, shown) =>
    replaySettings(database, caller, { resourceId, roleDefinitionId, settings }, shown),
});

/** Users and groups by name. Empty for a caller who may not edit role settings at the resource. */
export const findApprovers = lookup({
  shapes: z.tuple([z.uuid(), searchText.pipe(z.string().min(1))]),
  none: [],
  find: (by, resourceId, search) =>
    usersAndGroupsFor(by, resourceId, search, ({ writeRoleSettings }) => writeRoleSettings),
});
