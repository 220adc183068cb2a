import { rootResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { mailDomainsFault, normalMailDomains } from "@/lib/domain/notifications/allowed-mail-domains";
import { action } from "@/lib/domain/roles/permissions";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface UpdateOrganisationInput {
  /** The version that the administrator was shown. */
  readonly expectedVersion: number;
  readonly allowedMailDomains: readonly string[];
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function updateOrganisationOperation(
  input: Pick<UpdateOrganisationInput, "expectedVersion" | "allowedMailDomains">,
): ProtectedOperation {
  const allowedMailDomains = normalMailDomains(input.allowedMailDomains);
  return { kind: "UpdateOrganisation", expectedVersion: input.expectedVersion, allowedMailDomains };
}

/**
 * Sets the mail domains to which role settings may send notices without a step-up; an empty list allows none. It
 * requires the right to edit role settings at the root and always a step-up. Saving the present list changes nothing.
 */
export function updateOrganisation(
  database: Database,
  caller: Caller,
  input: UpdateOrganisationInput,
): Promise<OperationResult<{ version: number }>> {
  const after = normalMailDomains(input.allowedMailDomains);
  const attempt = {
    kind: "OrganisationUpdated" as const,
    caller,
    details: { requested: { allowedMailDomains: after.slice(0, 100) } },
  };
  return runOperation(database, attempt, async (transaction) => {
    const root = await rootResource(transaction);
    const entry = { ...attempt, resource: root };
    await requirePermission(transaction, caller, action.writeRoleSettings, root, entry);
    const message = mailDomainsFault(after);
    if (message !== null) {
      const faults = [{ field: "allowedMailDomains", message }];
      throw new Refusal({ code: "InvalidInput", faults }, entry);
    }
    const [locked] = await transaction.$queryRaw<{ domains: string[]; version: number }[]>`
      SELECT allowed_mail_domains AS domains, version FROM installation WHERE id = 1 FOR UPDATE`;
    if (!locked) throw new Error("there is no installation");
    if (locked.version !== input.expectedVersion) {
      const stale =
        "Somebody else saved these settings in the meantime. Reload the page, then change them again.";
      throw new Refusal({ code: "StaleEdit", message: stale }, entry);
    }
    if (JSON.stringify(after) === JSON.stringify(locked.domains)) return { version: locked.version };
    const operation = updateOrganisationOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const version = locked.version + 1;
    await transaction.installation.update({
      where: { id: 1 },
      data: { allowedMailDomains: after, version },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: {
        before: { allowedMailDomains: locked.domains },
        after: { allowedMailDomains: after },
        version,
      },
    });
    return { version };
  });
}
