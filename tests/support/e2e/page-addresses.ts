import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { askOne } from "./database";
import { account, signIn } from "./e2e";

/** A sample for each variable part of an address. A page with a new one fails here until it has a sample. */
const samples: Readonly<Record<string, () => Promise<string>>> = {
  resourceId: () => askOne("SELECT id AS value FROM resources WHERE display_name = 'Contoso Production'"),
  roleId: () => askOne("SELECT id AS value FROM role_definitions WHERE role_name = 'Contributor'"),
  eventId: () =>
    askOne(
      "SELECT id AS value FROM audit_events WHERE kind = 'RoleSettingsUpdated' ORDER BY sequence LIMIT 1",
    ),
  groupId: () =>
    askOne("SELECT id AS value FROM principals WHERE type = 'Group' ORDER BY created_at LIMIT 1"),
  approvedId: () =>
    askOne("SELECT id AS value FROM role_definitions WHERE role_name = 'User Access Administrator'"),
  requestId: () =>
    askOne("SELECT id AS value FROM requests WHERE status = 'PendingApproval' ORDER BY id LIMIT 1"),
  principalId: () => askOne("SELECT id AS value FROM principals WHERE email = $1", [account("member").email]),
};
export const signedOut = ["/sign-in", "/sign-in/second-factor", "/set-up", "/choose-password", "/confirmed"];
/** Pages that the Owner does not see. */
export const readers: Readonly<Record<string, string>> = { "/access-reviews/[reviewId]": "approver" };
const production = "SELECT id FROM resources WHERE display_name = 'Contoso Production'";
/** Pages of things that are first created in the browser. */
export const madeThere: Readonly<Record<string, (page: Page) => Promise<string>>> = {
  "/import/[importId]": async (page) => {
    await page.goto("/import");
    await page.getByLabel("What", { exact: true }).selectOption({ label: "Users" });
    const buffer = Buffer.from("displayName,email\nAda Axe,ada.axe@contoso.example\nNo Address,none\n");
    await page.getByLabel("File").setInputFiles({ name: "axe.csv", mimeType: "text/csv", buffer });
    await page.getByRole("button", { name: "Preview changes" }).click();
    await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
    return new URL(page.url()).pathname;
  },
};
/** A new conflict rule with an exception that waits and one that ended. */
const conflictRule = () =>
  askOne(`WITH made AS (
      INSERT INTO conflict_rules (resource_id, name, reason)
      VALUES ((${production}), 'Tags and quotas ' || gen_random_uuid(), 'They belong in different hands.') RETURNING id, resource_id),
    roles AS (
      INSERT INTO conflict_rule_roles (role_definition_id, rule_id, side)
      SELECT d.id, made.id, CASE d.role_name WHEN 'Tag Contributor' THEN 'First' ELSE 'Second' END::conflict_side
      FROM made, role_definitions d WHERE d.role_name IN ('Tag Contributor', 'Quota Request Operator')),
    exceptions AS (
      INSERT INTO conflict_exceptions (rule_id, roles_version, principal_id, state, justification, asked_by_id, ends_at, ended_at, ended_by_id)
      SELECT made.id, 1, u.id, s.state::conflict_exception_state, 'Month end, while the other is away.', a.id, now() + interval '7 days',
        s.ended, CASE WHEN s.ended IS NOT NULL THEN a.id END
      FROM made, (SELECT id FROM principals WHERE type = 'User' AND display_name = 'Priya Raman') u,
        (SELECT id FROM principals WHERE type = 'User' AND display_name <> 'Priya Raman' ORDER BY created_at LIMIT 1) a,
        (VALUES ('Waiting', NULL), ('Withdrawn', now())) s (state, ended))
    SELECT '/resources/' || resource_id || '/conflicting-roles/' || id AS value FROM made`);

/** Addresses whose variable parts depend on each other. */
const addresses: Readonly<Record<string, () => Promise<string>>> = {
  "/access-reviews/[reviewId]": () =>
    askOne(`SELECT '/access-reviews/' || id AS value FROM access_reviews WHERE resource_id = (${production})
      ORDER BY created_at LIMIT 1`),
  "/resources/[resourceId]/access-reviews/[reviewId]": () =>
    askOne(`SELECT '/resources/' || resource_id || '/access-reviews/' || id AS value FROM access_reviews
      ORDER BY created_at LIMIT 1`),
  "/audit/[eventId]/history": () =>
    askOne(`SELECT '/audit/' || id || '/history?of=' || actor_email AS value FROM audit_events
      WHERE kind = 'RoleSettingsUpdated' AND actor_email IS NOT NULL ORDER BY sequence LIMIT 1`),
  "/resources/[resourceId]/conflicting-roles/[ruleId]": conflictRule,
  "/resources/[resourceId]/conflicting-roles/[ruleId]/exceptions/new": async () =>
    `${await conflictRule()}/exceptions/new`,
  "/resources/retired/[retirementId]": () =>
    askOne(`WITH ids AS MATERIALIZED (
        SELECT postern_uuidv7() AS resource, postern_uuidv7() AS retirement, gen_random_uuid() AS name,
          (SELECT coalesce(max(number), 0) + 1 FROM retirements) AS number),
      made AS (
        INSERT INTO resources (id, parent_id, scope, display_name, resource_type, retirement_id)
        SELECT resource, resource, 'retired:' || number || '/databases/' || name, 'Orders before the move of 2024', 'databases',
          retirement FROM ids)
      INSERT INTO retirements (id, resource_id, parent_id, parent_scope, path, scope, resources, justification, retired_by_id)
      SELECT ids.retirement, ids.resource, root.id, root.scope, root.path || '.' || replace(ids.resource::text, '-', ''),
        '/databases/' || ids.name, 1, 'Everything in it was moved to the new cluster.', p.id
      FROM ids, resources root, (SELECT id FROM principals WHERE type = 'User' ORDER BY created_at LIMIT 1) p
      WHERE root.parent_id IS NULL RETURNING '/resources/retired/' || id AS value`),
  "/resources/[resourceId]/roles/[roleId]/edit": () =>
    askOne(`WITH made AS (
        INSERT INTO role_definitions (role_name, description, role_type, permissions, assignable_scopes)
        VALUES ('Pager Operator ' || gen_random_uuid(), 'Answers pages', 'CustomRole',
          '[{"actions":["*/read"],"notActions":[],"dataActions":[],"notDataActions":[]}]', '{/}')
        RETURNING id)
      SELECT '/resources/' || (${production}) || '/roles/' || id || '/edit' AS value FROM made`),
};

/** Every page of the product, by its address with the variable parts in brackets. */
export const routes = readdirSync(join(import.meta.dirname, "../../../app"), {
  recursive: true,
  encoding: "utf8",
})
  .filter((path) => /(^|\/)page\.tsx$/.test(path))
  .map((path) =>
    `/${path.replace(/\/?page\.tsx$/, "").replaceAll(/\([^)]+\)\/?/g, "")}`.replace(/(?<=.)\/$/, ""),
  )
  .sort();

export async function open(page: Page, key: string, route: string) {
  const made = madeThere[route];
  if (!made) return signIn(page, key, await address(route));
  await signIn(page, key);
  return page.goto(await made(page));
}

export async function address(route: string): Promise<string> {
  const whole = addresses[route];
  if (whole) return whole();
  let path = route;
  for (const [part, name = ""] of route.matchAll(/\[(\w+)\]/g)) {
    const sample = samples[name];
    if (!sample)
      throw new Error(`${route} is new: give tests/support/e2e/page-addresses.ts a sample for ${name}`);
    path = path.replace(part, await sample());
  }
  return path;
}
