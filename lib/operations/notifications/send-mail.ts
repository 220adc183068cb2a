import { z } from "zod";
import { maximumAttempts, retryMinutes } from "@/lib/domain/notifications/delivery-retry";
import { mailText } from "@/lib/domain/notifications/mail-text";
import type { Database } from "@/lib/platform/database";
import type { Mailer, SendResult } from "@/lib/platform/mail";
import { inTransaction } from "@/lib/platform/transaction";

const batch = 10;
/** For reading and marking, besides the sending. */
const marginSeconds = 60;

const content = z.object({
  title: z.string(),
  body: z.string(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  href: z.string(),
  action: z.string().optional(),
});

interface ClaimedMail {
  readonly id: string;
  readonly address: string;
  readonly content: unknown;
  readonly attempts: number;
  /** The recipient's zone; the organisation's while their browser has named none, and for further addresses. */
  readonly timeZone: string;
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

/** Whether mail waits only for its next attempt, and nothing else is to be sent. */
export async function mailRests(database: Database): Promise<boolean> {
  const [row] = await inTransaction(
    database,
    (transaction) => transaction.$queryRaw<{ rests: boolean }[]>`
      SELECT coalesce(bool_and(next_attempt_at > postern_now()), false) AS rests FROM (
        SELECT next_attempt_at FROM mail_messages WHERE sent_at IS NULL AND dead_at IS NULL
        ORDER BY next_attempt_at LIMIT 1) AS first`,
  );
  return row?.rests ?? false;
}

/**
 * Sends the mail that is due. Each message is claimed for some minutes, sent, and marked, so that two workers do not
 * send it both. If a worker stops between sending and marking, it is sent again with the same Message-ID (at least
 * once). What is not accepted is tried again after growing waits, then becomes a dead letter. Returns how many were
 * sent. Throws, after the batch, what keeps the mail server from being used at all.
 */
export async function sendDueMail(database: Database, mailer: Mailer, publicUrl: string): Promise<number> {
  let sent = 0;
  for (;;) {
    const taken = await claimMail(database, mailer);
    const waiting = [...taken];
    const results: SendResult[] = [];
    const sendInTurn = async () => {
      for (let mail = waiting.shift(); mail !== undefined; mail = waiting.shift()) {
        const result = await send(mailer, mail, publicUrl);
        await mark(database, mail, result);
        results.push(result);
      }
    };
    await Promise.all(Array.from({ length: mailer.connections }, sendInTurn));
    sent += results.filter(({ ok }) => ok).length;
    const failures = results.filter((result) => !result.ok);
    const unusable = failures.find(({ failure }) => failure === "unusable");
    if (unusable) throw new Error(unusable.message);
    if (taken.length < batch || failures.some(({ failure }) => failure === "closing")) return sent;
  }
}

/**
 * Claims what is due for the longest time that the batch may last. A message that was claimed many times without
 * being marked stops its worker: this is its last attempt.
 */
function claimMail(database: Database, mailer: Mailer): Promise<ClaimedMail[]> {
  const longestSeconds = (Math.ceil(batch / mailer.connections) * mailer.longestSendMilliseconds) / 1_000;
  return inTransaction(
    database,
    (transaction) => transaction.$queryRaw<ClaimedMail[]>`
      UPDATE mail_messages SET attempts = attempts + 1,
        next_attempt_at = postern_now() + make_interval(secs => ${longestSeconds + marginSeconds}),
        dead_at = CASE WHEN attempts >= ${maximumAttempts} THEN postern_now() END
      WHERE id IN (
        SELECT id FROM mail_messages
        WHERE sent_at IS NULL AND dead_at IS NULL AND next_attempt_at <= postern_now()
        ORDER BY next_attempt_at, id LIMIT ${batch} FOR UPDATE SKIP LOCKED)
      RETURNING id, address, content, attempts, coalesce(
        (SELECT p.time_zone FROM notification_preferences p WHERE p.user_id = recipient_id),
        (SELECT i.time_zone FROM installation i)) AS "timeZone"`,
  );
}

async function send(mailer: Mailer, mail: ClaimedMail, publicUrl: string): Promise<SendResult> {
  const read = content.safeParse(mail.content);
  if (!read.success) return { ok: false, failure: "refused", message: "What it says cannot be read." };
  return mailer.send({ ...mailText(read.data, publicUrl, mail.timeZone), to: mail.address, id: mail.id });
}

function mark(database: Database, { id, attempts }: ClaimedMail, result: SendResult): Promise<number> {
  return inTransaction(database, (transaction) => {
    if (result.ok)
      return transaction.$executeRaw`
        UPDATE mail_messages SET sent_at = postern_now(), dead_at = NULL, last_error = NULL WHERE id = ${id}::uuid`;
    if (result.failure === "closing")
      return transaction.$executeRaw`
        UPDATE mail_messages SET attempts = attempts - 1, next_attempt_at = postern_now(), dead_at = NULL
        WHERE id = ${id}::uuid`;
    const minutes = result.failure === "refused" ? null : retryMinutes(attempts);
    return transaction.$executeRaw`
      UPDATE mail_messages SET last_error = ${result.message},
        next_attempt_at = postern_now() + make_interval(mins => ${minutes ?? 0}),
        dead_at = CASE WHEN ${minutes === null} THEN postern_now() END
      WHERE id = ${id}::uuid`;
  });
}
