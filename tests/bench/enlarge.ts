import pg from "pg";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { contributorId } from "./members";

/** Fills the database by statement, past every rule: what matters here is how much there is. */
export async function enlarge(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const step = async (what: string, sql: string) => {
    const start = performance.now();
    await client.query(sql);
    console.log(`  ${what} (${((performance.now() - start) / 1000).toFixed(0)} s)`);
  };
  console.log("\nFilling the database:");
  try {
    await step(
      "1,000 resource groups",
      `INSERT INTO resources (parent_id, scope, display_name, resource_type)
       SELECT p.id, p.scope || '/resourceGroups/scale-' || n, 'scale-' || n, 'Microsoft.Resources/resourceGroups'
       FROM resources p, generate_series(1, 1000) n
       WHERE p.scope = '/subscriptions/22222222-2222-4222-8222-222222222222'`,
    );
    // Plans of triggers, made for the few rows that there were, would read the whole table for each row.
    await client.query("ANALYZE resources");
    await step(
      "99,000 resources in them",
      `INSERT INTO resources (parent_id, scope, display_name, resource_type)
       SELECT p.id, p.scope || '/providers/Microsoft.Compute/virtualMachines/vm-' || n, p.display_name || '-vm-' || n,
         'Microsoft.Compute/virtualMachines'
       FROM resources p, generate_series(1, 99) n WHERE p.display_name LIKE 'scale-%'`,
    );
    await step("10,000 people", people(10_000, "scale.example"));
    await client.query("ANALYZE resources, principals");
    await step(
      "1,000,000 assignments",
      `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at, ends_at)
       SELECT p.id, '${contributorId}', r.id, 'Assigned', postern_now() - interval '1 day', postern_now() + interval '90 days'
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM principals WHERE email LIKE '%@scale.example') p
       JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM resources WHERE display_name LIKE 'scale-%-vm-%') r
         ON r.n % 1000 = p.n % 1000 AND r.n <= 100000`,
    );
    await step("10,000 requests that wait for the Owner", requestsThatWait("scale.example"));
    await step(
      "500,000 activations that were asked for, over ninety days",
      activationsOfThePast("scale.example"),
    );
    // Nobody is notified of what did not happen.
    await client.query("ALTER TABLE audit_events DISABLE TRIGGER audit_events_tell");
    await step(
      "500,000 events of the log, over ninety days",
      `INSERT INTO audit_events (occurred_at, kind, outcome, actor_id, actor_name, target_id, target_name,
         role_definition_id, role_name, resource_id, resource_name, scope, resource_path)
       SELECT postern_now() - make_interval(secs => random() * 90 * 86400),
         CASE WHEN random() < 0.5 THEN 'RoleActivated' ELSE 'ActivationExpired' END, 'Success', p.id, p.display_name, p.id,
         p.display_name, d.id, d.role_name, r.id, r.display_name, r.scope, r.path
       FROM (SELECT * FROM assignments LIMIT 500000) a
       JOIN principals p ON p.id = a.principal_id JOIN role_definitions d ON d.id = a.role_definition_id
       JOIN resources r ON r.id = a.resource_id`,
    );
    await client.query("ALTER TABLE audit_events ENABLE TRIGGER audit_events_tell");
    await step("statistics", "ANALYZE");
    const { rows } = await client.query("SELECT count(*)::int AS count FROM assignments");
    console.log(`  ${rows[0].count} assignments in all`);
  } finally {
    await client.end();
  }
}

/** As many requests that wait for the Owner as one page of them shows, with the people who ask. */
export async function fillOnePage(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(people(60, "page.example"));
    await client.query(requestsThatWait("page.example"));
    await client.query("ANALYZE");
  } finally {
    await client.end();
  }
}

function people(count: number, domain: string): string {
  return `INSERT INTO principals (type, display_name, email)
    SELECT 'User', 'Person ' || n, 'person-' || n || '@${domain}' FROM generate_series(1, ${count}) n`;
}

/** One of each of these people, for Owner of a subscription. */
function requestsThatWait(domain: string): string {
  return `WITH owner AS (SELECT id FROM principals WHERE email = 'owner@contoso.example'),
    place AS (SELECT id FROM resources WHERE scope = '/subscriptions/22222222-2222-4222-8222-222222222222'),
    eligible AS (
      INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
      SELECT p.id, '${ownerRoleId}', place.id, postern_now() FROM principals p, place
      WHERE p.email LIKE '%@${domain}' RETURNING id, principal_id, resource_id),
    asked AS (
      INSERT INTO requests (request_type, status, requestor_id, principal_id, role_definition_id, resource_id,
        eligibility_id, duration_minutes, justification)
      SELECT 'SelfActivate', 'PendingApproval', principal_id, principal_id, '${ownerRoleId}', resource_id, id, 60,
        'Benchmark' FROM eligible RETURNING id)
    INSERT INTO request_approvals (request_id, stages, requires_step_up, opened_at, expires_at, approver_ids,
      escalation_ids, approvals_needed)
    SELECT asked.id, jsonb_build_array(jsonb_build_object('approverIds', jsonb_build_array(owner.id),
        'approvalsNeeded', 1, 'timeoutHours', 24, 'escalationApproverIds', '[]'::jsonb)),
      false, postern_now(), postern_now() + interval '1 day', ARRAY[owner.id], '{}', 1
    FROM asked, owner`;
}

/** Fifty of each of these people, somewhere in a subscription where all of them are eligible. */
function activationsOfThePast(domain: string): string {
  return `WITH eligible AS (
      INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
      SELECT p.id, '${contributorId}', place.id, postern_now() - interval '100 days'
      FROM principals p, resources place
      WHERE p.email LIKE '%@${domain}' AND place.scope = '/subscriptions/22222222-2222-4222-8222-222222222222'
      RETURNING id, principal_id),
    numbered AS MATERIALIZED (SELECT *, row_number() OVER (ORDER BY id) AS n FROM eligible),
    places AS MATERIALIZED (
      SELECT id, row_number() OVER (ORDER BY id) AS n FROM resources WHERE display_name LIKE 'scale-%-vm-%')
    INSERT INTO requests (request_type, status, requestor_id, principal_id, role_definition_id, resource_id,
      eligibility_id, starts_at, ends_at, duration_minutes, justification, created_at, completed_at)
    SELECT 'SelfActivate', 'Provisioned', e.principal_id, e.principal_id, '${contributorId}', places.id, e.id, at,
      at + interval '1 hour', 60, 'Benchmark', at, at
    FROM numbered e CROSS JOIN generate_series(0, 49) AS time (n)
    JOIN places ON places.n = (e.n * 7919 + time.n * 104729) % 99000 + 1
    CROSS JOIN LATERAL (SELECT postern_now() - make_interval(secs => 86400 * 90
      * ((e.n * 50 + time.n) % 500000) / 500000.0) AS at) moment`;
}
