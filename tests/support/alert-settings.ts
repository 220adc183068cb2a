import {
  type UpdateAlertSettingsInput,
  updateAlertSettings,
  updateAlertSettingsOperation,
} from "@/lib/operations/alerts/update-alert-settings";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { makeProof } from "./factories";

/** Raises no alert about people without second factors, at this resource and below. */
export async function raiseNothingOfFactors(database: Database, resourceId: string): Promise<void> {
  const setting = { resourceId, kind: "CannotProve" as const, enabled: false, threshold: 1 };
  await database.client.alertSetting.create({ data: setting });
}

/** Changes alert settings with a proof, whether or not the change requires one. */
export async function changeAlertSettings(
  database: Database,
  caller: Caller,
  input: Omit<UpdateAlertSettingsInput, "proofId">,
) {
  const proofId = await makeProof(database, caller, updateAlertSettingsOperation(input));
  return updateAlertSettings(database, caller, { ...input, proofId });
}
