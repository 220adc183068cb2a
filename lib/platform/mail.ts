import { createTransport } from "nodemailer";
import type { MailText } from "@/lib/domain/notifications/mail-text";
import { usualPorts } from "@/lib/platform/outgoing-proxy";
import { traced } from "@/lib/platform/tracing";

/** The mail server, and the sender. */
export interface MailSettings {
  /** `smtp:` or `smtps:`, with user and password if the server needs them. */
  readonly smtpUrl: string;
  readonly from: string;
  /** The proxy on the way to it. */
  readonly proxy?: URL;
}

/**
 * Why a message was not sent. `refused`: the server will never accept it. `deferred`: it may accept it later.
 * `unusable`: the server cannot be used at all as it is configured, whatever the message. `closing`: it was not
 * tried, since this mailer is closing.
 */
export type SendFailure = "refused" | "deferred" | "unusable" | "closing";

export type SendResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly failure: SendFailure; readonly message: string };

/** A file that a message carries. */
export interface MailAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly text: string;
}

export interface Mailer {
  /** How many messages it sends at a time. Further ones wait, and their time runs meanwhile. */
  readonly connections: number;
  /** How long a message takes at most, whatever the server does. */
  readonly longestSendMilliseconds: number;
  /** Sends one message. The same `id` gives the same Message-ID, so that a repetition can be recognised. */
  send(
    message: MailText & { readonly to: string; readonly id: string; readonly attachment?: MailAttachment },
  ): Promise<SendResult>;
  /** Starts no more messages; those under way are finished. */
  close(): void;
}

const connections = 2;
/** How long the server may be silent. */
const patienceMilliseconds = 30_000;

/** Where nodemailer connects to. A proxy needs the port, even the usual one. */
export function mailServerAt(smtpUrl: string, proxy: URL | null): { url: string; proxy?: string } {
  if (proxy === null) return { url: smtpUrl };
  const url = new URL(smtpUrl);
  url.port ||= usualPorts[url.protocol] ?? "";
  return { url: url.href, proxy: proxy.href };
}

/**
 * A connection to the mail server, opened on first use. If a message is not accepted in time, it is abandoned and its
 * connection is cut. Time-outs for silence alone would never end a server that sends a byte now and then.
 */
export function openMailer(
  { smtpUrl, from, proxy }: MailSettings,
  { longestSendMilliseconds = 45_000 }: { readonly longestSendMilliseconds?: number } = {},
): Mailer {
  const transport = createTransport({
    ...mailServerAt(smtpUrl, proxy ?? null),
    pool: true,
    maxConnections: connections,
    connectionTimeout: patienceMilliseconds,
    greetingTimeout: patienceMilliseconds,
    socketTimeout: patienceMilliseconds,
    // Cut, not ended, since the rest of an abandoned message must not arrive after all.
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? "postern.invalid";
  let closed = false;
  const sendOne: Mailer["send"] = async ({ to, id, subject, text, html, attachment }) => {
    const closing = { ok: false, failure: "closing", message: "The worker is stopping." } as const;
    if (closed) return closing;
    try {
      await transport.sendMail({
        from,
        to: { name: "", address: to },
        subject,
        text,
        html,
        ...(attachment
          ? {
              attachments: [
                {
                  filename: attachment.name,
                  contentType: attachment.contentType,
                  content: Buffer.from(attachment.text),
                },
              ],
            }
          : {}),
        messageId: `<${id}@${domain}>`,
        headers: { "Auto-Submitted": "auto-generated" },
        signal: AbortSignal.timeout(longestSendMilliseconds),
      });
      return { ok: true };
    } catch (error) {
      const fault = error as MailFault;
      // A message that still waited for a connection has no code.
      if (closed && fault.code === undefined) return closing;
      const [failure, message] = failureOf(fault, longestSendMilliseconds);
      return { ok: false, failure, message: message.slice(0, 500) };
    }
  };
  return {
    connections,
    longestSendMilliseconds,
    send: (message) =>
      traced("mail", "client", async (span) => {
        const result = await sendOne(message);
        span?.set({ "postern.outcome": result.ok ? "sent" : result.failure });
        return result;
      }),
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

/** Replies of a server that requires another sign-in, or any (RFC 4954, 6). */
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
