import { randomUUID } from "node:crypto";
import { rootResource } from "@/lib/authority/authority";
import { mayUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationError, OperationResult } from "@/lib/domain/gate/operation-error";
import { mailText } from "@/lib/domain/notifications/mail-text";
import { action } from "@/lib/domain/roles/permissions";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { Mailer } from "@/lib/platform/mail";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Sends one mail to the caller's own address and waits for the mail server's answer. Only for administrators of the
 * root; for anybody else this does not exist. At most once a minute, regardless of who asks. Both outcomes are logged.
 */
export async function sendTestMail(
  database: Database,
  caller: Caller,
  mailer: Mailer,
  publicUrl: string,
): Promise<OperationResult<{ address: string }>> {
  const attempt = { kind: "MailTested" as const, caller };
  const begun = await runOperation(database, attempt, async (transaction) => {
    const root = await rootResource(transaction);
    if (!(await mayUntilCommit(transaction, caller.userId, action.writeRoleSettings, root.id)))
      throw new Refusal(notFound, attempt);
    const counted = await transaction.$executeRaw`
      UPDATE installation SET mail_test_begun_at = postern_now()
      WHERE mail_test_begun_at IS NULL OR mail_test_begun_at < postern_now() - interval '1 minute'`;
    if (counted !== 1)
      throw new Refusal(
        { code: "Conflict", message: "A test was sent less than a minute ago. Wait, then try again." },
        { ...attempt, resource: root },
      );
    return { root };
  });
  if (!begun.ok) return begun;
  const notice = {
    title: "Mail from Postern works",
    body: "You asked for this test. Nothing else happened.",
    facts: [],
    href: "/",
  };
  const sent = await mailer.send({ ...mailText(notice, publicUrl), to: caller.email, id: randomUUID() });
  const { root } = begun;
  await inTransaction(database, async (transaction) => {
    if (sent.ok) await transaction.$executeRaw`UPDATE installation SET mail_tested_at = postern_now()`;
    await recordAuditEvent(transaction, {
      ...{ ...attempt, resource: root, outcome: sent.ok ? "Success" : "Failure" },
      details: sent.ok ? {} : { error: sent.message.slice(0, 500) },
    });
  });
  if (sent.ok) return { ok: true, address: caller.email };
  const message = `The mail was not accepted: ${visibleSentence(sent.message.slice(0, 300))}`;
  const error: OperationError = { code: "Conflict", message };
  return { ok: false, error };
}
