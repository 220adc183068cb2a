import { createTransport } from "nodemailer";
import type { MailText } from "@/lib/domain/notifications/mail-text";

/** Where mail goes out, and from whom. */
export interface MailSettings {
  /** `smtp:` or `smtps:`, with user and password in it where the server wants them. */
  readonly smtpUrl: string;
  readonly from: string;
}

/**
 * Why a message was not sent. `refused`: the server will never take this one. `deferred`: it may take it later.
 * `unusable`: the server cannot be used at all as it is set, whatever the message. `closing`: it was not tried, since
 * this mailer is being closed.
 */
export type SendFailure = "refused" | "deferred" | "unusable" | "closing";

export type SendResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly failure: SendFailure; readonly message: string };

export interface Mailer {
  /** How many messages it sends at a time. Who hands it more makes them wait, and their time runs. */
  readonly connections: number;
  /** How long a message takes at most, whatever the server does. */
  readonly longestSendMilliseconds: number;
  /** Sends one message. `id` gives it the same Message-ID each time, so that a repeated one can be told as such. */
  send(message: MailText & { readonly to: string; readonly id: string }): Promise<SendResult>;
  /** Begins no message any more; those under way are finished. */
  close(): void;
}

const connections = 2;
/** How long the server may say nothing. */
const patienceMilliseconds = 30_000;

/**
 * A connection to the mail server, opened when first needed. A message that is not taken in time is given up and its
 * connection cut: time-outs for silence never end a server that says a byte now and then.
 */
export function openMailer(
  { smtpUrl, from }: MailSettings,
  { longestSendMilliseconds = 45_000 }: { readonly longestSendMilliseconds?: number } = {},
): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: connections,
    connectionTimeout: patienceMilliseconds,
    greetingTimeout: patienceMilliseconds,
    socketTimeout: patienceMilliseconds,
    // Cut, not ended: what was not yet sent of a message that is given up is not to arrive after all.
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? "postern.invalid";
  let closed = false;
  return {
    connections,
    longestSendMilliseconds,
    async send({ to, id, subject, text, html }) {
      const closing = { ok: false, failure: "closing", message: "The worker is stopping." } as const;
      if (closed) return closing;
      try {
        await transport.sendMail({
          from,
          to: { name: "", address: to },
          subject,
          text,
          html,
          messageId: `<${id}@${domain}>`,
          headers: { "Auto-Submitted": "auto-generated" },
          signal: AbortSignal.timeout(longestSendMilliseconds),
        });
        return { ok: true };
      } catch (error) {
        const fault = error as MailFault;
        // What still waited for a connection has no code.
        if (closed && fault.code === undefined) return closing;
        const [failure, message] = failureOf(fault, longestSendMilliseconds);
        return { ok: false, failure, message: message.slice(0, 500) };
      }
    },
    close() {
      closed = true;
      transport.close();
    },
  };
}

interface MailFault {
  readonly message: string;
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  /** A reply that the same message would get again (RFC 5321, 4.2.1). */
  readonly permanent?: boolean;
}

/** Replies of a server that wants another sign-in than it gets, or one at all (RFC 4954, 6). */
const signInReplies = [530, 534, 535, 538];

function failureOf(fault: MailFault, longestSendMilliseconds: number): readonly [SendFailure, string] {
  const { message, code, command, responseCode, permanent } = fault;
  if (code === "EABORT")
    return [
      "unusable",
      `The mail server did not take the message within ${longestSendMilliseconds / 1_000} seconds.`,
    ];
  if (code === "EAUTH" || (responseCode !== undefined && signInReplies.includes(responseCode)))
    return ["unusable", `The mail server does not accept the sign-in of POSTERN_SMTP_URL: ${message}`];
  const ofMessage = code === "EENVELOPE" || code === "EMESSAGE";
  if (ofMessage && permanent && command === "MAIL FROM")
    return ["unusable", `The mail server does not accept the sender of POSTERN_MAIL_FROM: ${message}`];
  if (ofMessage) return [permanent || responseCode === undefined ? "refused" : "deferred", message];
  return ["unusable", `The mail server of POSTERN_SMTP_URL cannot be used: ${message}`];
}
