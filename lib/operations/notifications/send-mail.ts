import { z } from "zod";
import { maximumAttempts, retryMinutes } from "@/lib/domain/notifications/delivery-retry";
import {
  type ExportOutcome,
  exportLimits,
  exportOutcomes,
  withoutFile,
} from "@/lib/domain/notifications/export-schedule";
import { mailText } from "@/lib/domain/notifications/mail-text";
import { isTimesLanguage, type ReaderTimes, usualLanguage } from "@/lib/domain/time/reader-times";
import { recordExportIn } from "@/lib/operations/audit/record-export";
import { type ExportMaker, type MadeExport, noteOutcome } from "@/lib/operations/notifications/attach-export";
import type { Database, Transaction } from "@/lib/platform/database";
import { faultText } from "@/lib/platform/log";
import type { Mailer, SendResult } from "@/lib/platform/mail";
import { meter } from "@/lib/platform/meter";
import { inTransaction } from "@/lib/platform/transaction";

const batch = 10;
/** For reading and marking. Sending comes on top. */
const marginSeconds = 60;

const content = z.object({
  title: z.string(),
  body: z.string(),
  facts: z.array(z.object({ label: z.string(), value: z.string() })),
  href: z.string(),
  action: z.string().optional(),
  also: z.object({ action: z.string(), href: z.string() }).optional(),
  exportScheduleId: z.uuid().optional(),
});

interface ClaimedMail {
  readonly id: string;
  readonly recipientId: string | null;
  readonly address: string;
  readonly content: unknown;
  readonly attempts: number;
  /**
   * The zone that the recipient chose, otherwise that of their browser, otherwise the organisation's.
   * Further addresses get the organisation's.
   */
  readonly zone: string;
  /** The language in which they chose to see times. */
  readonly language: string | null;
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

/** The result of a message. `withheld` is an export that its recipient may no longer have. */
interface Delivered {
  readonly result: SendResult | "withheld";
  /** For an export: the recipient whose last sending this is, and its result if the file was made. */
  readonly exported: { readonly scheduleId: string; readonly made: MadeExport | null } | null;
}

/**
 * Sends the mail that is due. Each message is claimed for some minutes, sent, and marked, so that two workers do not
 * send it both. If a worker stops between sending and marking, the message is sent again with the same Message-ID (at
 * least once). A message that is not accepted is tried again after growing waits, then becomes a dead letter. Returns
 * how many were sent. Throws, after the batch, a fault that makes the mail server unusable. The file of a scheduled
 * export is made here, with what its recipient may read now.
 */
export async function sendDueMail(
  database: Database,
  mailer: Mailer,
  publicUrl: string,
  makeExport: ExportMaker | null = null,
): Promise<number> {
  let sent = 0;
  for (;;) {
    const taken = await claimMail(database, mailer);
    const waiting = [...taken];
    const results: SendResult[] = [];
    const sendInTurn = async () => {
      for (let mail = waiting.shift(); mail !== undefined; mail = waiting.shift()) {
        const delivered = await send(database, mailer, mail, publicUrl, makeExport);
        await mark(database, mail, delivered);
        meter()?.mailTried(triedAs(delivered.result));
        if (delivered.result !== "withheld") results.push(delivered.result);
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
 * Claims what is due, for the longest time that the batch may last. A message that was claimed many
 * times without being marked seems to stop its worker, so this is its last attempt.
 */
function claimMail(database: Database, mailer: Mailer): Promise<ClaimedMail[]> {
  const longestEach = mailer.longestSendMilliseconds + exportLimits.makingMilliseconds;
  const longestSeconds = (Math.ceil(batch / mailer.connections) * longestEach) / 1_000;
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
      RETURNING id, recipient_id AS "recipientId", address, content, attempts, coalesce(
        (SELECT coalesce(p.chosen_time_zone, p.time_zone) FROM notification_preferences p WHERE p.user_id = recipient_id),
        (SELECT i.time_zone FROM installation i)) AS zone,
        (SELECT p.times_language FROM notification_preferences p WHERE p.user_id = recipient_id) AS language`,
  );
}

function timesOf({ zone, language }: ClaimedMail): ReaderTimes {
  return { zone, language: language !== null && isTimesLanguage(language) ? language : usualLanguage };
}

async function send(
  database: Database,
  mailer: Mailer,
  mail: ClaimedMail,
  publicUrl: string,
  makeExport: ExportMaker | null,
): Promise<Delivered> {
  const read = content.safeParse(mail.content);
  if (!read.success) {
    const message = "What it says cannot be read.";
    return { result: { ok: false, failure: "refused", message }, exported: null };
  }
  const { exportScheduleId: scheduleId, ...notice } = read.data;
  const to = { to: mail.address, id: mail.id };
  if (!scheduleId || mail.recipientId === null)
    return {
      result: await mailer.send({
        ...mailText(notice, publicUrl, timesOf(mail), mail.recipientId === null ? "address" : "account"),
        ...to,
      }),
      exported: null,
    };
  const made = await madeFor(database, makeExport, { scheduleId, recipientId: mail.recipientId });
  if ("failure" in made) return { result: made, exported: { scheduleId, made: null } };
  const exported = { scheduleId, made };
  if (!made.made) return { result: "withheld", exported };
  // Logged before anything is sent. A repetition is logged again.
  if (made.file)
    await inTransaction(database, (transaction) => recordExportIn(transaction, made.reader, made.list, null));
  const text = mailText(made.file ? notice : { ...notice, body: withoutFile }, publicUrl, timesOf(mail));
  return {
    result: await mailer.send({ ...text, ...to, ...(made.file ? { attachment: made.file } : {}) }),
    exported,
  };
}

/** The file, or why it is tried again later. */
async function madeFor(
  database: Database,
  makeExport: ExportMaker | null,
  asked: { readonly scheduleId: string; readonly recipientId: string },
): Promise<MadeExport | { readonly ok: false; readonly failure: "deferred"; readonly message: string }> {
  try {
    if (makeExport) return await makeExport(database, asked);
    return { ok: false, failure: "deferred", message: "This worker makes no files." };
  } catch (fault) {
    const message = `The file could not be made: ${faultText(fault)}`.slice(0, 500);
    return { ok: false, failure: "deferred", message };
  }
}

function mark(database: Database, mail: ClaimedMail, delivered: Delivered): Promise<void> {
  const { result, exported } = delivered;
  return inTransaction(database, async (transaction) => {
    const minutes =
      result === "withheld" || result.ok || result.failure === "refused" ? null : retryMinutes(mail.attempts);
    await markMail(transaction, mail, delivered, minutes);
    if (!exported || mail.recipientId === null) return;
    const { scheduleId, made } = exported;
    const outcome = outcomeOf(delivered, minutes);
    if (outcome) await noteOutcome(transaction, { scheduleId, recipientId: mail.recipientId }, outcome);
    if (outcome === "Sent" && made?.made && made.file)
      await recordExportIn(transaction, made.reader, made.list, { how: "complete", rows: made.file.rows });
  });
}

/** How an attempt is counted. */
function triedAs(result: Delivered["result"]): string {
  if (result === "withheld") return "withheld";
  return result.ok ? "sent" : result.failure;
}

/** What the page says about a sending. Null while it waits for another attempt. */
function outcomeOf({ result, exported }: Delivered, minutes: number | null): ExportOutcome | null {
  const made = exported?.made;
  if (result === "withheld") return made && !made.made ? made.outcome : null;
  if (result.ok) return made?.made && made.file ? "Sent" : "LinkSent";
  return result.failure !== "closing" && minutes === null ? "Failed" : null;
}

async function markMail(
  transaction: Transaction,
  { id }: ClaimedMail,
  { result, exported }: Delivered,
  minutes: number | null,
): Promise<void> {
  if (result === "withheld") {
    const made = exported?.made;
    const why = made && !made.made && made.outcome ? exportOutcomes[made.outcome] : "Not sent any more";
    await transaction.$executeRaw`
      UPDATE mail_messages SET sent_at = postern_now(), dead_at = NULL, last_error = ${why} WHERE id = ${id}::uuid`;
  } else if (result.ok)
    await transaction.$executeRaw`
      UPDATE mail_messages SET sent_at = postern_now(), dead_at = NULL, last_error = NULL WHERE id = ${id}::uuid`;
  else if (result.failure === "closing")
    await transaction.$executeRaw`
      UPDATE mail_messages SET attempts = attempts - 1, next_attempt_at = postern_now(), dead_at = NULL
      WHERE id = ${id}::uuid`;
  else
    await transaction.$executeRaw`
      UPDATE mail_messages SET last_error = ${result.message},
        next_attempt_at = postern_now() + make_interval(mins => ${minutes ?? 0}),
        dead_at = CASE WHEN ${minutes === null} THEN postern_now() END
      WHERE id = ${id}::uuid`;
}
