import { rootResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  normalOrganisation,
  type OrganisationSettings,
  organisationFaults,
  unknownTimeZone,
} from "@/lib/domain/notifications/organisation";
import { action } from "@/lib/domain/roles/permissions";
import { presentZone } from "@/lib/domain/time/zone-names";
import { judgeHabitsAgain } from "@/lib/operations/alerts/update-alert-settings";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface UpdateOrganisationInput extends OrganisationSettings {
  /** The version that the administrator was shown. */
  readonly expectedVersion: number;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function updateOrganisationOperation(
  input: Omit<UpdateOrganisationInput, "proofId">,
): ProtectedOperation {
  const settings = normalOrganisation(input);
  return { kind: "UpdateOrganisation", expectedVersion: input.expectedVersion, ...settings };
}

/**
 * Sets the organisation's name, which the root of the tree also has, the time zone by which usual hours are judged, the
 * mail domains to which role settings may send notices without a step-up (an empty list allows none), and the addresses to
 * which alerts are mailed besides administrators. It requires the
 * right to edit role settings at the root and always a step-up. Saving what is there changes nothing.
 */
export function updateOrganisation(
  database: Database,
  caller: Caller,
  input: UpdateOrganisationInput,
): Promise<OperationResult<{ version: number }>> {
  const wanted = normalOrganisation(input);
  const attempt = {
    kind: "OrganisationUpdated" as const,
    caller,
    details: {
      requested: {
        displayName: wanted.displayName.slice(0, 300),
        timeZone: wanted.timeZone.slice(0, 100),
        allowedMailDomains: wanted.allowedMailDomains.slice(0, 100),
        alertAddresses: wanted.alertAddresses.slice(0, 20).map((each) => each.slice(0, 300)),
      },
    },
  };
  return runOperation(database, attempt, async (transaction) => {
    const root = await rootResource(transaction);
    const entry = { ...attempt, resource: root };
    await requirePermission(transaction, caller, action.writeRoleSettings, root, entry);
    const faults = organisationFaults(wanted);
    if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
    // The root is locked first, as an import of its name does.
    const [named] = await transaction.$queryRaw<{ displayName: string }[]>`
      SELECT display_name AS "displayName" FROM resources WHERE id = ${root.id}::uuid FOR NO KEY UPDATE`;
    const [locked] = await transaction.$queryRaw<
      { domains: string[]; addresses: string[]; version: number; timeZone: string; known: boolean }[]
    >`
      SELECT allowed_mail_domains AS domains, alert_addresses AS addresses, version, time_zone AS "timeZone",
        EXISTS (SELECT FROM pg_timezone_names WHERE name = ${wanted.timeZone}) AS known
      FROM installation WHERE id = 1 FOR UPDATE`;
    if (!locked || !named) throw new Error("there is no installation");
    // The database judges by the zone, so it must know the zone's name too.
    if (!locked.known)
      throw new Refusal(
        { code: "InvalidInput", faults: [{ field: "timeZone", message: unknownTimeZone }] },
        entry,
      );
    if (locked.version !== input.expectedVersion) {
      const stale =
        "Somebody else saved these settings in the meantime. Reload the page, then change them again.";
      throw new Refusal({ code: "StaleEdit", message: stale }, entry);
    }
    const before = {
      displayName: named.displayName,
      timeZone: presentZone(locked.timeZone),
      allowedMailDomains: locked.domains,
      alertAddresses: locked.addresses,
    };
    const changed = {
      displayName: wanted.displayName !== before.displayName,
      timeZone: wanted.timeZone !== before.timeZone,
      allowedMailDomains:
        JSON.stringify(wanted.allowedMailDomains) !== JSON.stringify(before.allowedMailDomains),
      alertAddresses: JSON.stringify(wanted.alertAddresses) !== JSON.stringify(before.alertAddresses),
    };
    if (!Object.values(changed).includes(true)) return { version: locked.version };
    const proof = await requireStepUp(
      transaction,
      caller,
      input.proofId,
      updateOrganisationOperation(input),
      entry,
    );
    const { displayName, timeZone } = wanted;
    const version = locked.version + 1;
    if (changed.displayName)
      await transaction.resource.update({ where: { id: root.id }, data: { displayName } });
    if (changed.timeZone) await judgeHabitsAgain(transaction);
    await transaction.installation.update({
      where: { id: 1 },
      data: {
        timeZone,
        allowedMailDomains: [...wanted.allowedMailDomains],
        alertAddresses: [...wanted.alertAddresses],
        version,
        ...(changed.displayName ? { organisationNamedAt: await databaseNow(transaction) } : {}),
      },
    });
    const only = (settings: OrganisationSettings) => ({
      ...(changed.displayName ? { displayName: settings.displayName } : {}),
      ...(changed.timeZone ? { timeZone: settings.timeZone } : {}),
      ...(changed.allowedMailDomains ? { allowedMailDomains: settings.allowedMailDomains } : {}),
      ...(changed.alertAddresses ? { alertAddresses: settings.alertAddresses } : {}),
    });
    await recordAuditEvent(transaction, {
      ...entry,
      resource: { ...root, displayName },
      outcome: "Success",
      proof,
      details: { before: only(before), after: only(wanted), version },
    });
    return { version };
  });
}
