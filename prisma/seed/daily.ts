import { generateSync } from "otplib";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up";
import { activateRole } from "@/lib/operations/activate-role";
import { addFavourite } from "@/lib/operations/keep-favourite";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import type { Person } from "./organisation";

const contributorId = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const readerId = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

/** What the member does most days: Contributor on one resource group for two hours, and Reader kept at hand. */
export async function seedDaily(
  database: Database,
  keys: EncryptionKeys,
  clock: { now: Date },
  daily: { member: Person; caller: Caller; resourceId: string; productionId: string; at: Date },
): Promise<void> {
  const { member, caller, resourceId } = daily;
  clock.now = daily.at;
  const eligibility = await database.client.eligibility.findFirstOrThrow({
    where: { principalId: member.id, roleDefinitionId: contributorId },
  });
  const input = { eligibilityId: eligibility.id, resourceId, startsAt: null, durationMinutes: 120 };
  const challenge = await createChallenge(database, caller, { kind: "ActivateRole", ...input });
  const code = generateSync({
    secret: member.totpSecret ?? "",
    epoch: Math.floor(clock.now.getTime() / 1000),
  });
  const met =
    challenge && (await meetChallenge(database, keys, caller, { challengeId: challenge.challengeId, code }));
  const activation = await activateRole(database, caller, {
    ...input,
    justification: "Morning deployment of the web shop",
    ticketNumber: null,
    ticketSystem: null,
    proofId: met?.ok ? met.proofId : null,
  });
  const starred = [
    await addFavourite(database, caller, { roleDefinitionId: contributorId, resourceId }),
    await addFavourite(database, caller, {
      roleDefinitionId: readerId,
      resourceId: daily.productionId,
    }),
  ];
  if (!activation.ok || starred.some((result) => !result.ok))
    throw new Error("the member's daily roles were refused");
}
