import { z } from "zod";
import { maximumAttempts, retryMinutes } from "@/lib/domain/delivery-retry";
import { mailText } from "@/lib/domain/mail-text";
import type { Database } from "@/lib/platform/database";
import type { Mailer } from "@/lib/platform/mail";
import { inTransaction } from "@/lib/platform/transaction";

const batch = 10;
/** How long a message belongs to whoever took it: longer than any sending takes. */
const leaseMinutes = 5;

const content = z.object({
  title: z.string(),
  body: z.string(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  href: z.string(),
});

interface TakenMail {
  readonly id: string;
  readonly address: string;
  readonly content: unknown;
  readonly attempts: number;
}

/** Whether mail waits to be sent. */
export async function mailIsDue(database: Database): Promise<boolean> {
  const [row] = await inTransaction(
    database,
    (transaction) => transaction.$queryRaw<{ due: boolean }[]>`
      SELECT EXISTS (SELECT FROM mail_messages WHERE sent_at IS NULL AND dead_at IS NULL
        AND next_attempt_at <= postern_now()) AS due`,
  );
  return row?.due ?? false;
}

/**
 * Sends the mail that is due. Each message is taken for some minutes before it is sent and marked after, so that two
 * workers do not send it both; one that was cut off between sending and marking is sent again with the same Message-ID
 * (at least once). Refused ones are tried again ever later, then become dead letters. Returns how many were sent.
 */
export async function sendDueMail(database: Database, mailer: Mailer, publicUrl: string): Promise<number> {
  let sent = 0;
  for (;;) {
    const taken = await takeMail(database);
    const results = await Promise.all(
      taken.map(async (mail) => {
        const text = mailText(content.parse(mail.content), publicUrl);
        const result = await mailer.send({ ...text, to: mail.address, id: mail.id });
        if (result.ok) await markSent(database, mail.id);
        else await postpone(database, mail, result);
        return result.ok;
      }),
    );
    sent += results.filter(Boolean).length;
    if (taken.length < batch) return sent;
  }
}

/** Takes what is due. A message that was taken so often without being marked kills its worker: this is its last time. */
function takeMail(database: Database): Promise<TakenMail[]> {
  return inTransaction(
    database,
    (transaction) => transaction.$queryRaw<TakenMail[]>`
      UPDATE mail_messages SET attempts = attempts + 1,
        next_attempt_at = postern_now() + make_interval(mins => ${leaseMinutes}),
        dead_at = CASE WHEN attempts >= ${maximumAttempts} THEN postern_now() END
      WHERE id IN (
        SELECT id FROM mail_messages
        WHERE sent_at IS NULL AND dead_at IS NULL AND next_attempt_at <= postern_now()
        ORDER BY next_attempt_at, id LIMIT ${batch} FOR UPDATE SKIP LOCKED)
      RETURNING id, address, content, attempts`,
  );
}

async function markSent(database: Database, id: string): Promise<void> {
  await inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      UPDATE mail_messages SET sent_at = postern_now(), dead_at = NULL, last_error = NULL WHERE id = ${id}::uuid`,
  );
}

async function postpone(
  database: Database,
  { id, attempts }: TakenMail,
  { final, message }: { readonly final: boolean; readonly message: string },
): Promise<void> {
  const minutes = final ? null : retryMinutes(attempts);
  await inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      UPDATE mail_messages SET last_error = ${message},
        next_attempt_at = postern_now() + make_interval(mins => ${minutes ?? 0}),
        dead_at = CASE WHEN ${minutes === null} THEN postern_now() END
      WHERE id = ${id}::uuid`,
  );
}
