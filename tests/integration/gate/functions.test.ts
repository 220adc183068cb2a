import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/**
 * PostgreSQL inlines them into the statements that use them, on every row of every list. A setting of their own
 * would prevent that. Their names are bound when they are made (`RETURN`, `BEGIN ATOMIC`), so no search_path
 * changes their meaning.
 */
const takenIn = [
  "approved_other_stage",
  "counts_in_stage",
  "hour_of",
  "on_one_path",
  "open_decider_ids",
  "path_ids",
  "postern_now",
  "postern_time",
  "postern_uuidv7",
];

/** The application's role may call them with the rights of the owner of the tables. */
const withOwnersRights = [
  "access_needs_event",
  "break_glass_account_needs_event",
  "break_glass_review_needs_event",
  "change_needs_event",
  "conflict_exception_needs_event",
  "conflict_rule_needs_event",
  "delete_planned_review",
  "directory_needs_event",
  "drop_pending_factors_of_session",
  "drop_pending_factors_of_user",
  "drop_link_passes",
  "drop_own_link_passes",
  "drop_own_link_passes_of_link",
  "drop_pending_passkeys",
  "factor_pass_needs_event",
  "factor_reset_needs_event",
  "refuse_awaiting_session",
  "follow_role_permissions",
  "keep_principal_names",
  "make_step_up_proof",
  "guard_break_glass_account",
  "identity_link_needs_event",
  "passkey_needs_event",
  "prune_past",
  "refuse_waiting_factor",
  "sign_in_rules_need_event",
  "spend_step_up_proof",
  "use_directory_subject",
];

const own = `FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`;

describe("every function of the database", () => {
  it("means the same whatever its caller's search_path is", async () => {
    const { rows } = await test.asOwner(`
      SELECT p.proname AS name, coalesce(p.proconfig, '{}') AS settings, p.prosqlbody IS NOT NULL AS bound ${own}`);
    expect(rows.length).toBeGreaterThan(20);
    const fixed = ["search_path=pg_catalog, public, pg_temp", "search_path=pg_catalog, pg_temp"];
    const faults = rows.filter(({ name, settings, bound }) =>
      takenIn.includes(name) ? !bound : !fixed.some((path) => settings.includes(path)),
    );
    expect(faults.map(({ name }) => name)).toEqual([]);
  });

  it("finds rows by their keys if it is a trigger, also on a connection from when the tables had few", async () => {
    const { rows } = await test.asOwner(`
      SELECT p.proname AS name, coalesce(p.proconfig, '{}') AS settings ${own} AND p.prorettype = 'trigger'::regtype`);
    expect(rows.length).toBeGreaterThan(20);
    const faults = rows.filter(({ settings }) => !settings.includes("enable_seqscan=off"));
    expect(faults.map(({ name }) => name)).toEqual([]);
  });

  it("has the owner's rights only where it is listed, and then is not everybody's to call", async () => {
    const { rows } = await test.asOwner(`
      SELECT p.proname AS name, p.prorettype = 'trigger'::regtype AS trigger,
        EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0) AS "everybody"
      ${own} AND p.prosecdef ORDER BY 1`);
    expect(rows.map(({ name }) => name).filter((name) => !withOwnersRights.includes(name))).toEqual([]);
    expect(rows.filter(({ trigger, everybody }) => everybody && !trigger)).toEqual([]);
  });
});
