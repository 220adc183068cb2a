import type { SpentProof } from "@/lib/authority/spend-proof";
import { alwaysStepUp } from "@/lib/authority/step-up-reasons";
import {
  obstacles,
  outlivesReplaced,
  type Readiness,
  type ShownEligibility,
} from "@/lib/domain/assignments/make-eligible";
import { assignmentFailures, reasonsToAssign, type StepUpReason } from "@/lib/domain/gate/policy-rules";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { overlap, type Schedule, scheduleFault } from "@/lib/domain/time/schedule";
import type { HeldAccess, LockedAccess } from "@/lib/operations/gate/load-access";
import { notAsked, type Proving } from "@/lib/operations/gate/prove";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

type Entry = Omit<AuditEntry, "outcome"> & { readonly caller: Actor };

/** An eligibility of the same member, role and resource. */
export interface OtherEligibility extends Schedule {
  readonly id: string;
}

/** Those that have not ended, in the order of their start, locked in the order of their ids. */
export async function lockEligibilities(
  transaction: Transaction,
  { principalId, roleDefinitionId, resourceId }: HeldAccess,
): Promise<OtherEligibility[]> {
  await transaction.$queryRaw`
    SELECT id FROM eligibilities
    WHERE principal_id = ${principalId}::uuid AND role_definition_id = ${roleDefinitionId}::uuid
      AND resource_id = ${resourceId}::uuid AND (ends_at IS NULL OR ends_at > postern_now())
    ORDER BY id FOR UPDATE`;
  return transaction.$queryRaw<OtherEligibility[]>`
    SELECT id, starts_at AS "startsAt", ends_at AS "endsAt" FROM eligibilities
    WHERE principal_id = ${principalId}::uuid AND role_definition_id = ${roleDefinitionId}::uuid
      AND resource_id = ${resourceId}::uuid AND (ends_at IS NULL OR ends_at > postern_now())
    ORDER BY starts_at, id LIMIT 100`;
}

/** Refuses a service principal: it cannot prove who it is, so it cannot activate an eligibility. */
export async function refuseServicePrincipal(
  transaction: Transaction,
  principalId: string,
  entry: Entry,
): Promise<void> {
  const principal = await transaction.principal.findUnique({
    where: { id: principalId },
    select: { type: true },
  });
  if (principal?.type !== "ServicePrincipal") return;
  const message =
    "A service principal cannot activate a role. Give this assignment an end, or remove it instead.";
  throw new Refusal({ code: "Conflict", message }, entry);
}

/** Refuses a result that differs from the preview: another eligibility is kept, or activating requires more now. */
export function refuseOtherPreview(
  shown: ShownEligibility,
  current: ShownEligibility,
  readiness: Readiness,
  entry: Entry,
): void {
  const refuse = (what: string) => {
    throw new Refusal(
      { code: "StaleEdit", message: `${what} Nothing was changed here. Preview it again.` },
      entry,
    );
  };
  if (shown.keptId !== current.keptId)
    refuse(
      current.keptId === null
        ? "The eligibility that this member was to keep has ended since the preview."
        : "This member became eligible for the role here since the preview.",
    );
  if (shown.eligibleUntil?.getTime() !== current.eligibleUntil?.getTime())
    refuse("The eligibility that this member keeps has another end since the preview.");
  if (shown.readiness !== current.readiness)
    refuse(
      ["Who could activate this has changed since the preview.", ...obstacles(readiness).slice(0, 1)].join(
        " ",
      ),
    );
}

/** What a new eligibility is judged by. */
export interface ProposedEligibility {
  readonly access: LockedAccess;
  /** The member's other eligibilities. */
  readonly others: readonly OtherEligibility[];
  readonly after: Schedule;
  readonly settings: RoleSettings;
  readonly justification: string | null;
  readonly now: Date;
}

/**
 * Judges the eligibility that replaces an assignment by the rules for making somebody eligible, and
 * refuses one that lasts longer than what it replaces. Asks for a proof if rule 8 does.
 */
export async function judgeMadeEligible(
  transaction: Transaction,
  { access, others, after, settings, justification, now }: ProposedEligibility,
  prove: (passkeyOnly: boolean) => Promise<Proving>,
  entry: Entry,
): Promise<{ readonly proof: SpentProof | null; readonly stepUp: readonly StepUpReason[] }> {
  const fault =
    scheduleFault(after, now) ??
    (outlivesReplaced(access, after.endsAt)
      ? {
          field: "endsAt" as const,
          message: "An eligibility cannot last longer than the assignment that it replaces.",
        }
      : null);
  if (fault) throw new Refusal({ code: "InvalidRoleAssignmentRequestSchedule", ...fault }, entry);
  if (others.some((other) => overlap(other, after))) {
    const message =
      "This member has an eligibility of the role here that begins later. Remove it or change its start first.";
    throw new Refusal({ code: "RoleAssignmentExists", message }, entry);
  }
  const { principalId, roleDefinitionId, resourceId } = access;
  const about = { principalId, roleDefinitionId, resourceId, endsAt: after.endsAt };
  const always = await alwaysStepUp(transaction, entry.caller, [{ assignmentType: "Eligible", ...about }]);
  // Its member had more, for no shorter, so it is no reason that the role can give access to others.
  const reasons = always.flat().filter((reason) => reason !== "RoleGivesAccess");
  const stepUp = reasonsToAssign("Eligible", settings, reasons);
  const { proof, provedBy } =
    stepUp.length > 0 ? await prove(stepUp.includes("PhishingResistant")) : notAsked;
  const failures = assignmentFailures(settings, {
    assignmentType: "Eligible",
    schedule: after,
    justification,
    stepUp,
    provedBy,
  });
  if (failures.length > 0)
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
  return { proof, stepUp };
}
