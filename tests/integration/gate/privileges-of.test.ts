import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { privilegesByPrincipal, privilegesOf, privilegesOfEach } from "@/lib/authority/privileges-of";
import { inTransaction } from "@/lib/platform/transaction";
import { makeAdministration } from "../../support/administration";
import { makeGroup, makeUser } from "../../support/factories";
import { type Organisation, privilegeKinds } from "../../support/privileges";

const now = new Date("2026-03-02T09:00:00Z");
let at: Organisation;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const kindsOf = async (id: string) =>
  (await inTransaction(at.database, (transaction) => privilegesOf(transaction, [id]))).map(
    (each) => each.assignmentType,
  );

/** Columns that can name a principal but give that principal no decision right, and why. */
const noDecisionRight: Readonly<Record<string, string>> = {
  "access_review_informed.principal_id": "who is notified, if they may read assignments there",
  "access_review_items.decided_by_id": "a decision that was given stays, whoever gave it",
  "access_review_items.group_id": "through which group somebody has the access under review",
  "access_review_items.manager_id": "decides only while they are the manager still, which counts itself",
  "access_review_items.principal_id": "whose access it is; their own access counts as theirs",
  "access_reviews.applied_by_id": "what is applied is checked against the rights of that person then",
  "access_reviews.series_ended_by_id": "history",
  "access_reviews.stopped_by_id": "history",
  "alert_settings.updated_by_id": "history",
  "alerts.details": "what was found",
  "alerts.dismissed_by_id": "history",
  "alerts.principal_id": "whom it is about",
  "audit_events.details": "history",
  "bundles.user_id": "one's own",
  "break_glass_reviews.closed_by_id": "history",
  "break_glass_reviews.member_id": "whose emergency it was; they may not close the review",
  "conflict_exceptions.asked_by_id": "history",
  "conflict_exceptions.decided_by_id": "history",
  "break_glass_accounts.named_by_id": "history",
  "break_glass_accounts.user_id": "keeps what somebody has, which counts itself",
  "break_glass_sign_ins.closed_by_id": "history",
  "break_glass_sign_ins.user_id": "whose sign-in it is",
  "conflict_exceptions.ended_by_id": "history",
  "conflict_exceptions.principal_id":
    "allows nothing without the roles, which count themselves; whoever joins a group later has no part in its exception",
  "conflict_rules.updated_by_id": "history",
  "directories.created_by_id": "history",
  "directories.token_made_by_id": "history, and shown once that person manages no directories any more",
  "directory_drift.group_id": "what a directory was refused",
  "directory_drift.principal_id": "what a directory was refused",
  "export_recipients.principal_id": "who is mailed what they may read themselves",
  "export_schedules.administrator_id": "the schedule pauses itself when that person loses the right",
  "favourite_resources.user_id": "one's own",
  "favourites.user_id": "one's own",
  "group_members.group_id": "a group's power is counted as its members'",
  "group_members.member_id": "a group's power is counted as its members'",
  "identity_link_passes.created_by_id": "history",
  "identity_link_passes.principal_id": "one's own",
  "identity_links.created_by_id": "history",
  "identity_links.principal_id": "one's own",
  "import_rows.conflicts": "which exception a link offers to request; the form and its verb judge anew",
  "import_rows.data": "checked against the rights of whoever applies it",
  "import_rows.difference": "what a row changes",
  "import_rows.shown": "whom a row was shown to be about; checked like its data",
  "import_rights.role": "actions",
  "import_schedules.administrator_id":
    "acts with the rights of that person at each run, which count themselves",
  "factor_passes.made_by_id": "history",
  "factor_passes.user_id": "one's own",
  "factor_resets.asked_by_id": "judged again when it takes effect",
  "factor_resets.confirmed_by_id": "judged again when it takes effect",
  "factor_resets.user_id": "one's own",
  "getting_started_dismissals.user_id": "one's own",
  "imports.confirmed_by_id": "what is applied is checked against the rights of that person then",
  "imports.created_by_id": "what is applied is checked against the rights of whoever confirms it",
  "keyboard_preferences.user_id": "one's own",
  "mail_messages.content": "what people were notified of",
  "mail_messages.recipient_id": "who was notified",
  "notification_preferences.user_id": "one's own",
  "notifications.recipient_id": "who was notified",
  "password_credentials.issued_by_id": "checked again when it is used",
  "password_credentials.user_id": "one's own",
  "password_tickets.issued_by_id": "checked again when it is used",
  "password_tickets.user_id": "one's own",
  "retirements.retired_by_id": "history",
  "retirements.undone_by_id": "history",
  "principals.directory_names": "how a directory names somebody",
  "principals.former_identities": "former names and addresses of somebody",
  "recovery_codes.user_id": "one's own",
  "request_approvals.kept":
    "an approval counts while its approver has the decision right, which is counted itself",
  "request_approvals.given_by":
    "an approval counts while its approver has the decision right, which is counted itself",
  "request_decisions.decider_id":
    "an approval counts while its approver has the decision right, which is counted itself",
  "passkey_registrations.user_id": "one's own",
  "passkeys.user_id": "one's own",
  "requests.decided_by_id": "history",
  "requests.policy": "the settings of then",
  "requests.requestor_id": "whose request it is",
  "role_definitions.permissions": "actions",
  "role_management_policies.notifications": "who is notified, not who decides",
  "role_management_policies.updated_by_id": "history",
  "saved_filters.user_id": "one's own",
  "sessions.user_id": "one's own",
  "step_up_challenges.operation": "one's own",
  "step_up_challenges.user_id": "one's own",
  "step_up_proofs.user_id": "one's own",
  "totp_factors.user_id": "one's own",
};

describe("the power of a principal", () => {
  it("is asked of every column of the database that can name a principal", async () => {
    const { rows } = await at.test.asOwner(`
      SELECT c.relname || '.' || a.attname AS name
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
      JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relname <> '_prisma_migrations' AND (
        a.atttypid IN ('jsonb'::regtype, 'json'::regtype, 'uuid[]'::regtype)
        OR EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = c.oid
          AND f.confrelid = 'principals'::regclass AND a.attnum = ANY (f.conkey)))
      ORDER BY 1`);
    const known = new Set([
      ...Object.keys(noDecisionRight),
      ...Object.values(privilegeKinds).flatMap(({ columns }) => columns),
    ]);
    const columns = rows.map(({ name }) => String(name));
    // A new column that names a principal: state here why it gives no decision right, or count it in
    // privilegesOf.
    expect(columns.filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !columns.includes(name))).toEqual([]);
  });

  it("is nothing for whoever has nothing", async () => {
    expect(await kindsOf((await makeUser(at.database)).id)).toEqual([]);
  });

  it.each(Object.entries(privilegeKinds))("counts %s, through groups in groups as well", async (_, kind) => {
    const { database } = at;
    const user = await makeUser(database, "Pia Powerful");
    const bystander = await makeUser(database, "Bob Bystander");
    const holder = kind.types.includes("Group") ? await makeGroup(database, [], "Outer") : user;
    const inner = await makeGroup(database, [user.id], "Inner");
    if (holder !== user)
      await database.client.groupMember.create({ data: { groupId: holder.id, memberId: inner.id } });
    await kind.give(at, holder.id);
    for (const id of holder === user ? [user.id] : [holder.id, inner.id, user.id])
      expect(await kindsOf(id)).toContain(kind.called);
    await database.client.principal.updateMany({
      where: { id: { in: [inner.id, user.id] } },
      data: { disabledAt: now },
    });
    expect(await kindsOf(user.id)).toContain(kind.called);
    await inTransaction(database, async (transaction) => {
      const each = await privilegesOfEach(transaction, [user.id, inner.id, holder.id]);
      expect(new Set(each.map((privileges) => privileges.holderId))).toEqual(new Set([holder.id]));
      const by = await privilegesByPrincipal(transaction, [user.id, bystander.id]);
      expect([...by.keys()]).toEqual([user.id]);
      expect(by.get(user.id)).toEqual(await privilegesOf(transaction, [user.id]));
    });
  });
});
