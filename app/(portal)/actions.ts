"use server";

import { z } from "zod";
import { sendTestMail } from "@/lib/operations/notifications/send-test-mail";
import { dismissGettingStarted } from "@/lib/operations/preferences/dismiss-getting-started";
import { application } from "@/lib/platform/application";
import { openMailer } from "@/lib/platform/mail";
import { buttonAction } from "@/lib/web/actions/button-action";
import { formAction } from "@/lib/web/actions/form-action";

const nothing = z.object({});
/** Short, since the person waits for the answer. */
const longestSendMilliseconds = 15_000;
const noMail =
  "Mail is not set up. The operator of the server must set POSTERN_SMTP_URL and POSTERN_MAIL_FROM, then restart it.";

/** Sends the caller a mail, and reports the mail server's answer. */
export const testMail = formAction({
  shape: nothing,
  async run({ caller, database }) {
    const { mail, publicUrl } = application().configuration;
    if (!mail) return { ok: false, error: { code: "Conflict", message: noMail } };
    const mailer = openMailer(mail, { longestSendMilliseconds });
    try {
      return await sendTestMail(database, caller, mailer, publicUrl);
    } finally {
      mailer.close();
    }
  },
  done: ({ address }) => `The mail server accepted a mail to ${address}. Check that it arrives.`,
});

/** Dismisses the card, for the caller. */
export const dismissSteps = buttonAction({
  shape: nothing,
  run: ({ caller, database }) => dismissGettingStarted(database, caller),
});
