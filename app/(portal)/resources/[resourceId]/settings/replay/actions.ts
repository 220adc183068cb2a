"use server";

import { z } from "zod";
import type { SavedOfRoles } from "@/components/roles/save-settings-of-roles";
import { mostChangesText, mostRolesAtOnce } from "@/lib/domain/roles/role-change";
import { changedSettingsShape } from "@/lib/domain/roles/role-settings-shape";
import { inList, isolated } from "@/lib/domain/text/visible-text";
import {
  type SettingsOfRolesSaved,
  updateSettingsOfRoles,
  updateSettingsOfRolesOperation,
} from "@/lib/operations/roles/update-settings-of-roles";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { jsonOf, knownId, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";
import { outcomeOf } from "@/lib/web/refusal-outcome";

const roleChange = z.strictObject({
  roleDefinitionId: z.uuid().toLowerCase(),
  expectedVersion: z.number().int().min(0),
  changes: changedSettingsShape,
});
/** One hidden field holds every role with its version and what changes, as JSON. */
const shape = z.object({
  resourceId: knownId("resource"),
  roles: unseen(
    jsonOf(z.array(roleChange).min(1).max(mostRolesAtOnce), mostChangesText),
    sentences.unreadable,
  ),
});

/** The challenge that describes everything that is about to be saved. */
export const prepareSettingsOfRoles = challengeAction({ shape, operation: updateSettingsOfRolesOperation });

/** Saves the settings of several roles, all or none. If any edit weakens protection, one code covers all. */
export const saveSettingsOfRoles = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) =>
    updateSettingsOfRoles(database, caller, { ...fields, proofId }),
  answer(result, { proofId }): SavedOfRoles {
    if (result.ok) return { ok: true, message: savedInWords(result) };
    const stale = result.error.code === "StaleEdit";
    return { ...outcomeOf(result.error, proofId), stale };
  },
});

function savedInWords({ saved, unchanged }: SettingsOfRolesSaved): string {
  const [first] = saved;
  if (!first) return "Nothing was changed: these roles have these settings already.";
  const roles = saved.length === 1 ? isolated(first.role.roleName) : `${saved.length} roles`;
  const same = unchanged.length > 0 ? ` Nothing changed for ${inList(unchanged.map(isolated))}.` : "";
  return `The settings of ${roles} are saved.${same}`;
}
