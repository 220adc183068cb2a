import { createTransport } from "nodemailer";
import type { MailText } from "@/lib/domain/mail-text";

/** Where mail goes out, and from whom. */
export interface MailSettings {
  /** `smtp:` or `smtps:`, with user and password in it where the server wants them. */
  readonly smtpUrl: string;
  readonly from: string;
}

export type SendResult =
  | { readonly ok: true }
  /** `final`: the server will never take this message, so that trying again is of no use. */
  | { readonly ok: false; readonly final: boolean; readonly message: string };

export interface Mailer {
  /** Sends one message. `id` gives it the same Message-ID each time, so that a repeated one can be told as such. */
  send(message: MailText & { readonly to: string; readonly id: string }): Promise<SendResult>;
  close(): void;
}

const patienceMilliseconds = 15_000;

/** A connection to the mail server, opened when first needed. */
export function openMailer({ smtpUrl, from }: MailSettings): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 2,
    connectionTimeout: patienceMilliseconds,
    greetingTimeout: patienceMilliseconds,
    socketTimeout: patienceMilliseconds,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^\s@<>]+)>?\s*$/.exec(from)?.[1] ?? "postern.invalid";
  return {
    async send({ to, id, subject, text, html }) {
      try {
        await transport.sendMail({
          from,
          to: { name: "", address: to },
          subject,
          text,
          html,
          messageId: `<${id}@${domain}>`,
          headers: { "Auto-Submitted": "auto-generated" },
        });
        return { ok: true };
      } catch (error) {
        return failureOf(error);
      }
    },
    close: () => transport.close(),
  };
}

function failureOf(error: unknown): SendResult {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  const message = error instanceof Error ? error.message : String(error);
  // A refused recipient or message stays refused (RFC 5321, 4.2.1); a refused sign-in is the configuration's fault.
  const final =
    (code === "EENVELOPE" || code === "EMESSAGE") && responseCode !== undefined && responseCode >= 500;
  return { ok: false, final, message: message.slice(0, 500) };
}
