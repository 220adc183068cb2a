import { activateFirstNotice } from "@/lib/domain/notifications/activate-first";
import { detailText, type EventFacts } from "@/lib/domain/notifications/event-facts";
import {
  type ChangedAccess,
  type Concern,
  changesTree,
  resourceNotice,
} from "@/lib/domain/notifications/resource-notices";
import { action } from "@/lib/domain/roles/permissions";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { findAudience, type Recipient } from "@/lib/operations/notifications/find-audience";
import type { PersonalNotice } from "@/lib/operations/notifications/notify-people";
import { type Person, peopleWhoMay } from "@/lib/operations/people/find-people";
import type { Transaction } from "@/lib/platform/database";

/** How many of the things that somebody gained or lost their notice names. */
const mostNamed = 10;

type Concerned = Person & Pick<Concern, "access" | "count">;

/**
 * The notices of a move, retirement or restoration. Each person gets one, whether they administer the
 * resource above, lost or gained access, or both. The actor gets none.
 */
export async function noticesOfTree(
  transaction: Transaction,
  event: EventFacts & { readonly id: string },
): Promise<PersonalNotice[]> {
  if (!changesTree(event)) return [];
  const administrators = (placeId: string | null) =>
    placeId === null
      ? Promise.resolve([])
      : findAudience(
          transaction,
          "administrators",
          { ...event, resourceId: placeId },
          defaultRoleSettings,
          false,
        );
  const parentId = detailText(event, "parentId");
  const now = await administrators(parentId ?? detailText(event, "toId"));
  const before = await administrators(detailText(event, "fromId"));
  const restorers =
    event.kind === "ResourceRetired" && parentId !== null
      ? await peopleWhoMay(transaction, [action.writeResources], parentId)
      : [];
  const idsOf = (people: readonly Person[]) => new Set(people.map(({ id }) => id));
  const [nowIds, beforeIds, restorerIds] = [idsOf(now), idsOf(before), idsOf(restorers)];
  const concerned = await peopleConcerned(transaction, event);
  const people = new Map<string, Recipient & Partial<Concerned>>();
  for (const person of [...before, ...now, ...concerned])
    people.set(person.id, { ...people.get(person.id), ...person });
  people.delete(event.actorId ?? "");
  return [...people.values()].map(({ activateFirst: role, access = [], count = 0, ...person }) => {
    const notice = resourceNotice(event, {
      administersBefore: beforeIds.has(person.id),
      administersNow: nowIds.has(person.id),
      mayRestore: restorerIds.has(person.id),
      access,
      count,
    });
    return {
      person,
      subjectKey: `event:${event.id}`,
      notice: role ? activateFirstNotice(notice, role) : notice,
    };
  });
}

/**
 * The people who gained or lost access by a change of the tree, themselves or through groups, with the
 * first such access. The source is what the events of its transaction are about and, for a move, what
 * was held then at the places above that changed.
 */
function peopleConcerned(
  transaction: Transaction,
  event: EventFacts & { readonly id: string },
): Promise<Concerned[]> {
  const placesIn = (name: string) => {
    const ids = event.details[name];
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  };
  const [gained, lost] = [placesIn("gainedAt"), placesIn("lostAt")];
  return transaction.$queryRaw<(Concerned & { readonly access: ChangedAccess[] })[]>`
    WITH RECURSIVE change AS MATERIALIZED (SELECT * FROM audit_events WHERE id = ${event.id}::uuid),
    changed AS MATERIALIZED (
      SELECT CASE e.kind WHEN 'EligibleAssignmentRemoved' THEN 'Eligible' WHEN 'EligibleAssignmentAdded' THEN 'Eligible'
          WHEN 'ActiveAssignmentRemoved' THEN 'Active' WHEN 'ActiveAssignmentAdded' THEN 'Active'
          WHEN 'ActivationRevoked' THEN 'Activation' ELSE 'Request' END AS what,
        e.kind IN ('EligibleAssignmentAdded', 'ActiveAssignmentAdded') AS gained,
        CASE WHEN e.kind IN ('RequestRevoked', 'ExtensionCanceled', 'RenewalCanceled') THEN q.requestor_id
          ELSE e.target_id END AS principal_id,
        e.role_definition_id, e.role_name, e.resource_name
      FROM change JOIN audit_events e ON e.transaction_id = change.transaction_id AND e.outcome = 'Success'
        AND e.occurred_at BETWEEN change.occurred_at - interval '1 day' AND change.occurred_at
      LEFT JOIN requests q ON q.id = e.request_id
      WHERE e.kind IN ('EligibleAssignmentRemoved', 'ActiveAssignmentRemoved', 'ActivationRevoked', 'RequestRevoked',
        'ExtensionCanceled', 'RenewalCanceled', 'EligibleAssignmentAdded', 'ActiveAssignmentAdded')
      UNION ALL
      SELECT x.what, x.resource_id = ANY (${gained}::uuid[]), x.principal_id, d.id, d.role_name, r.display_name
      FROM change, (
        SELECT 'Active' AS what, a.principal_id, a.role_definition_id, a.resource_id, a.starts_at, a.ends_at, a.created_at
        FROM assignments a WHERE a.resource_id = ANY (${[...gained, ...lost]}::uuid[])
        UNION ALL
        SELECT 'Eligible', e.principal_id, e.role_definition_id, e.resource_id, e.starts_at, e.ends_at, e.created_at
        FROM eligibilities e WHERE e.resource_id = ANY (${[...gained, ...lost]}::uuid[])) x
      JOIN role_definitions d ON d.id = x.role_definition_id JOIN resources r ON r.id = x.resource_id
      WHERE x.created_at <= change.occurred_at
        AND (x.ends_at IS NULL OR (x.ends_at > change.occurred_at AND x.ends_at > x.starts_at))),
    -- As users_in does, for all of them at once.
    within (principal_id, id, type) AS (
      SELECT p.id, p.id, p.type FROM principals p
      WHERE p.id IN (SELECT principal_id FROM changed) AND p.disabled_at IS NULL
      UNION
      SELECT w.principal_id, p.id, p.type FROM within w JOIN group_members m ON m.group_id = w.id
      JOIN principals p ON p.id = m.member_id AND p.disabled_at IS NULL),
    reached AS (SELECT principal_id, id FROM within WHERE type = 'User'),
    -- Somebody who has the same access from the new place as from the old one has lost and gained
    -- nothing.
    each AS (
      SELECT DISTINCT reached.id, c.what, c.gained, c.role_name, c.resource_name,
        bool_or(c.gained) OVER same AND bool_or(NOT c.gained) OVER same AS kept
      FROM changed c JOIN reached USING (principal_id)
      WINDOW same AS (PARTITION BY reached.id, c.what, c.role_definition_id)),
    numbered AS (
      SELECT id, what, gained, role_name, resource_name,
        row_number() OVER (PARTITION BY id ORDER BY gained DESC, what, lower(role_name), lower(resource_name)) AS number
      FROM each WHERE NOT kept)
    SELECT p.id, p.email, coalesce(n.muted_categories, '{}') AS "mutedCategories", count(*)::int AS count,
      json_agg(json_build_object('what', m.what, 'gained', m.gained, 'roleName', m.role_name,
        'resourceName', m.resource_name) ORDER BY m.number) FILTER (WHERE m.number <= ${mostNamed}) AS access
    FROM numbered m JOIN principals p ON p.id = m.id LEFT JOIN notification_preferences n ON n.user_id = p.id
    GROUP BY p.id, n.user_id ORDER BY p.id`;
}
