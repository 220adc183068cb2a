import { afterEach, beforeEach, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { createSession, findCaller, type Origin } from "@/lib/identity/sessions/sessions";
import { sendDueMail } from "@/lib/operations/notifications/send-mail";
import { chooseMail } from "@/lib/operations/preferences/choose-mail";
import { chooseTimes } from "@/lib/operations/preferences/choose-times";
import { type Mailer, openMailer } from "@/lib/platform/mail";
import { inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeUser } from "../../support/factories";
import { type MailServer, startMailServer } from "../../support/peers/mail-server";
import { makeWaitingMail } from "../../support/waiting-mail";

const clock = { now: new Date("2027-03-01T09:00:00Z") };
const ends = "Reader ends 2 Jul 2027, 22:30 UTC";
let test: TestDatabase;
let server: MailServer;
let mailer: Mailer;

beforeEach(async () => {
  clock.now = new Date("2027-03-01T09:00:00Z");
  test = await createTestDatabase({ clock: () => clock.now });
  server = await startMailServer();
  mailer = openMailer({ smtpUrl: server.url, from: "Postern <postern@contoso.example>" });
});
afterEach(async () => {
  mailer.close();
  await server.close();
  await test.drop();
});

const from = (timeZone: string | null): Origin => ({ ipAddress: "192.0.2.1", userAgent: "test", timeZone });
const signedIn = (userId: string, zone: string | null) =>
  inTransaction(test.database, (transaction) => createSession(transaction, userId, from(zone)));

/** The mail about the end of a role, as the person gets it. */
async function mailTo(userId: string | null, key: string) {
  const user = await makeWaitingMail(test.database, key, ends);
  await test.database.client.mailMessage.updateMany({
    where: { recipientId: user.id },
    data: { recipientId: userId },
  });
  await sendDueMail(test.database, mailer, "https://postern.contoso.example");
  const mail = server.received.at(-1);
  return { subject: mail?.subject, text: mail?.text ?? "", html: String(mail?.html) };
}

it("says when a role ends in the zone of the browser that the person signed in with, and names it", async () => {
  const { userId } = await makeCaller(test.database, await makeUser(test.database));
  await signedIn(userId, "Asia/Kolkata");
  const mail = await mailTo(userId, "a");
  expect(mail.subject).toBe("Postern: Reader ends 3 Jul 2027, 04:00 UTC+05:30");
  for (const part of [mail.text, mail.html]) expect(part).toContain("Times are in Asia/Kolkata.");
});

it("follows the person to another zone without a form, and keeps what they chose to be mailed", async () => {
  const caller = await makeCaller(test.database, await makeUser(test.database));
  await chooseMail(test.database, caller, ["digest"]);
  const token = await signedIn(caller.userId, "Europe/Berlin");
  const kept = () =>
    test.database.client.notificationPreference.findUniqueOrThrow({ where: { userId: caller.userId } });
  // Within a minute nothing is written.
  await findCaller(test.database, token, from("America/New_York"));
  expect((await kept()).timeZone).toBe("Europe/Berlin");
  clock.now = addMinutes(clock.now, 2);
  await findCaller(test.database, token, from("America/New_York"));
  expect(await kept()).toMatchObject({ timeZone: "America/New_York", mutedCategories: ["digest"] });
  clock.now = addMinutes(clock.now, 2);
  await findCaller(test.database, token, from(null));
  expect((await kept()).timeZone).toBe("America/New_York");
  expect((await mailTo(caller.userId, "b")).subject).toContain("2 Jul 2027, 18:30 UTC-04:00");
});

it("uses the organisation's zone for whoever has named none and for further addresses, and says UTC where that is it", async () => {
  const { userId } = await makeCaller(test.database, await makeUser(test.database));
  expect(await mailTo(userId, "c")).toMatchObject({ subject: `Postern: ${ends}` });
  await test.asOwner("UPDATE installation SET time_zone = 'Australia/Adelaide'");
  for (const recipient of [userId, null])
    expect((await mailTo(recipient, `d ${recipient}`)).subject).toBe(
      "Postern: Reader ends 3 Jul 2027, 08:00 UTC+09:30",
    );
});

it("prefers the zone and the language that the person chose, which no browser changes, and which caller sees", async () => {
  const caller = await makeCaller(test.database, await makeUser(test.database));
  await chooseTimes(test.database, caller, { zone: "Asia/Tokyo", language: "de" });
  const token = await signedIn(caller.userId, "Europe/Berlin");
  const seen = await findCaller(test.database, token, from("Europe/Berlin"));
  expect(seen?.times).toEqual({ zone: "Asia/Tokyo", language: "de" });
  expect((await mailTo(caller.userId, "e")).subject).toBe("Postern: Reader ends 03.07.2027, 07:30 UTC+09:00");
  // Only a zone, and then neither.
  await chooseTimes(test.database, caller, { zone: null, language: "iso" });
  expect((await mailTo(caller.userId, "f")).subject).toBe("Postern: Reader ends 2027-07-03 00:30 UTC+02:00");
  await chooseTimes(test.database, caller, { zone: null, language: null });
  expect((await mailTo(caller.userId, "g")).subject).toBe("Postern: Reader ends 3 Jul 2027, 00:30 UTC+02:00");
});
