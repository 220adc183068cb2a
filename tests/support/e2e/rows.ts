import { askOne } from "./database";
import { account } from "./e2e";

/** An eligibility of the demo, by the names that people see. */
export interface DemoRow {
  /** The key of the account that has it; null: any person's. */
  readonly account: string | null;
  readonly role: string;
  readonly resource: string;
}

/**
 * The rows that only one journey removes, requests or decides, by the name of its file. The journeys of one
 * worker share its demo. Two that change one row break each other, in one order of the files and not in
 * another. `tests/unit/source/journey-rows.test.ts` checks that no row is claimed twice.
 */
export const journeyRows = {
  activation: {
    // Its end moves, and it is activated and deactivated.
    ending: { account: "member", role: "Monitoring Contributor", resource: "Contoso Staging" },
  },
  alerts: {
    // Those that nobody activates: the journey dismisses one of them and removes another.
    unused: { account: null, role: "Virtual Machine Contributor", resource: "stage-web" },
  },
  approvals: {
    approved: { account: "requester", role: "User Access Administrator", resource: "Contoso Production" },
    codeAfterApproval: { account: "requester", role: "Key Vault Administrator", resource: "Contoso Staging" },
  },
  bundles: {
    first: { account: "member", role: "Website Contributor", resource: "stage-web" },
    second: { account: "member", role: "Tag Contributor", resource: "prod-data" },
    // It ends while it is in a bundle.
    ended: { account: "member", role: "Monitoring Reader", resource: "Contoso Staging" },
  },
  emergency: {
    // Given to the member for this journey, and removed at its end.
    used: { account: "member", role: "Key Vault Administrator", resource: "Contoso Staging" },
  },
  extend: {
    coded: { account: "member", role: "Network Contributor", resource: "stage-web" },
    approved: { account: "requester", role: "Storage Account Contributor", resource: "stage-web" },
  },
  forgeries: {
    approved: { account: "auditor", role: "User Access Administrator", resource: "Contoso Production" },
    codeAfterApproval: { account: "auditor", role: "Key Vault Administrator", resource: "Contoso Staging" },
  },
  waiting: {
    ending: { account: "member", role: "Backup Reader", resource: "prod-data" },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, DemoRow>>>>;

/** The name of a row on screen. */
export function rowName({ role, resource }: DemoRow): string {
  return `${role} on ${resource}`;
}

/** Creates the eligibility of a row that is not part of the demo. Returns its id. */
export function grantRow({
  account: key,
  role,
  resource,
}: DemoRow & { readonly account: string }): Promise<string> {
  return askOne(
    `WITH wanted AS (
       SELECT p.id AS principal_id, d.id AS role_definition_id, r.id AS resource_id
       FROM principals p, role_definitions d, resources r
       WHERE p.email = $1 AND d.role_name = $2 AND r.display_name = $3
     ), made AS (
       INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at, ends_at)
       SELECT principal_id, role_definition_id, resource_id, now() - interval '1 day', now() + interval '90 days' FROM wanted
       WHERE NOT EXISTS (SELECT FROM eligibilities e WHERE e.principal_id = wanted.principal_id
         AND e.role_definition_id = wanted.role_definition_id AND e.resource_id = wanted.resource_id)
       RETURNING id
     )
     SELECT id AS value FROM made UNION ALL
     SELECT e.id FROM eligibilities e JOIN wanted USING (principal_id, role_definition_id, resource_id)`,
    [account(key).email, role, resource],
  );
}
