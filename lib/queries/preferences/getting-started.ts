import { may, rootResource } from "@/lib/authority/authority";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import {
  type GettingStartedStep,
  gettingStartedOrder,
  mostUndecided,
  type UndecidedRole,
} from "@/lib/domain/preferences/getting-started";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";

/** How far the installation has been set up, for the card on **Home**. */
export interface GettingStarted {
  readonly rootId: string;
  /** Whether direct assignments were imported. */
  readonly imported: boolean;
  /** Roles of the step that decides what they take, the first few by name. */
  readonly undecided: readonly UndecidedRole[];
  readonly steps: readonly { readonly name: GettingStartedStep; readonly done: boolean }[];
}

/**
 * The steps of **Getting started**, each done as soon as it is true. Null for callers who are not
 * administrators of the root or have dismissed the card, in a demo, and once all are done.
 */
export function gettingStarted(database: Database, caller: Caller): Promise<GettingStarted | null> {
  return readOnce(database, async (transaction) => {
    // Nearly every caller ends here.
    const [open] = await transaction.$queryRaw<{ open: boolean }[]>`
      SELECT NOT demo AND NOT EXISTS (
        SELECT FROM getting_started_dismissals WHERE user_id = ${caller.userId}::uuid) AS open FROM installation`;
    if (!open?.open) return null;
    const root = await rootResource(transaction);
    if (!(await may(transaction, caller.userId, action.writeRoleSettings, root.id))) return null;
    // People who may assign roles only elsewhere are a matter of that place.
    const undecided = await transaction.$queryRaw<UndecidedRole[]>`
      SELECT d.id, d.role_name AS "roleName" FROM role_definitions d
      WHERE d.writes_authorization AND d.deleted_at IS NULL
        AND (EXISTS (SELECT FROM assignments a WHERE a.role_definition_id = d.id AND a.resource_id = ${root.id}::uuid
            AND (a.ends_at IS NULL OR a.ends_at > postern_now()))
          OR EXISTS (SELECT FROM eligibilities e WHERE e.role_definition_id = d.id AND e.resource_id = ${root.id}::uuid
            AND (e.ends_at IS NULL OR e.ends_at > postern_now())))
        AND NOT EXISTS (SELECT FROM role_management_policies p WHERE p.resource_id = ${root.id}::uuid
          AND p.role_definition_id = d.id AND p.updated_by_id IS NOT NULL)
      ORDER BY d.id <> ${ownerRoleId}::uuid, d.role_name, d.id LIMIT ${mostUndecided + 1}`;
    const [done] = await transaction.$queryRaw<
      Record<Exclude<GettingStartedStep, "assigningRoles"> | "imported", boolean>[]
    >`
      SELECT i.organisation_named_at IS NOT NULL AS organisation,
        i.mail_tested_at IS NOT NULL OR EXISTS (SELECT FROM mail_messages WHERE sent_at IS NOT NULL) AS mail,
        (SELECT count(DISTINCT p.id) FROM principals p WHERE p.type = 'User' AND p.disabled_at IS NULL AND (
          EXISTS (SELECT FROM assignments a WHERE a.principal_id = p.id AND a.resource_id = ${root.id}::uuid
            AND a.role_definition_id = ${ownerRoleId}::uuid AND (a.ends_at IS NULL OR a.ends_at > postern_now()))
          OR EXISTS (SELECT FROM eligibilities e WHERE e.principal_id = p.id AND e.resource_id = ${root.id}::uuid
            AND e.role_definition_id = ${ownerRoleId}::uuid AND (e.ends_at IS NULL OR e.ends_at > postern_now())))) > 1
          AS "secondOwner",
        EXISTS (SELECT FROM break_glass_accounts) AS "breakGlass",
        EXISTS (SELECT FROM resources WHERE parent_id IS NOT NULL AND retirement_id IS NULL) AS resources,
        (SELECT count(*) FROM (SELECT FROM principals WHERE type = 'User' AND disabled_at IS NULL LIMIT 2) few) > 1
          AS people,
        EXISTS (SELECT FROM eligibilities) AS eligibility,
        EXISTS (SELECT FROM imports WHERE kind IN ('RoleAssignments', 'ActiveAssignments') AND status = 'Applied')
          AS imported,
        cardinality(i.alert_addresses) > 0 AS "alertAddresses",
        EXISTS (SELECT FROM audit_events WHERE kind = 'ExportEnded' AND details ->> 'list' = 'Audit log') AS "logExport",
        EXISTS (SELECT FROM audit_events WHERE kind = 'BackupMade' AND outcome = 'Success') AS backup
      FROM installation i`;
    if (!done) return null;
    const isDone = { ...done, assigningRoles: undecided.length === 0 };
    const steps = gettingStartedOrder.map((name) => ({ name, done: isDone[name] }));
    return steps.every((step) => step.done)
      ? null
      : { rootId: root.id, imported: done.imported, undecided, steps };
  });
}
