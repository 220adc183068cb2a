import fc from "fast-check";
import { expect, it } from "vitest";
import { auditKinds } from "@/lib/domain/audit/audit-kinds";
import { maximumAttempts, retryMinutes } from "@/lib/domain/notifications/delivery-retry";
import type { EventFacts } from "@/lib/domain/notifications/event-facts";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import { dueReminder, reminderDays } from "@/lib/domain/notifications/expiry-reminder";
import { mailText } from "@/lib/domain/notifications/mail-text";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { readConfiguration } from "@/lib/platform/configuration";

const nasty = fc.string({
  unit: fc.constantFrom("<", ">", "&", '"', "'", "\r", "\n", "\u2028", "a", " ", "b>", "<script>"),
  maxLength: 12,
});

it("shows whatever people typed as text, and keeps a subject on one line", () => {
  const empty = mailText({ title: "", body: "", facts: [], href: "/" }, "https://postern.example");
  const tags = (html: string) => html.match(/<[a-z!/][^>]*>/gi)?.length ?? 0;
  const own = tags(empty.html);
  fc.assert(
    fc.property(nasty, nasty, nasty, (title, body, value) => {
      const facts = [{ label: "Reason", value }];
      const { subject, text, html } = mailText(
        { title, body, facts, href: "/my-roles" },
        "https://postern.example",
      );
      expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      // A table with a row for the fact, and a paragraph if there is a body: no tag that anybody typed.
      expect(tags(html)).toBe(
        own + 8 + (body.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim() === "" ? 0 : 2),
      );
      expect(text).toContain("Open in Postern: https://postern.example/my-roles");
    }),
    { numRuns: 500 },
  );
});

it("leads every notice of every kind of event to a page of the portal, and says something", () => {
  const word = fc.option(fc.constantFrom("Reader", "Ada", "2027-03-01T09:00:00.000Z", "High"), { nil: null });
  const id = "018f0000-0000-7000-8000-000000000000";
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(auditKinds)),
      word,
      fc.dictionary(
        fc.constantFrom(
          "endsAt",
          "endedAt",
          "expiresAt",
          "approvedBy",
          "askedBy",
          "lockedUntil",
          "alert",
          "accessReviewId",
          "groupName",
          "memberType",
          "accessInWords",
        ),
        fc.constantFrom<unknown>("2027-03-01T09:00:00.000Z", "nonsense", 7, null, id),
      ),
      (kind, name, details) => {
        const facts: EventFacts = {
          ...{
            kind,
            requestId: id,
            eligibilityId: null,
            actorId: id,
            actorName: name,
            targetId: null,
            targetName: name,
          },
          ...{ roleDefinitionId: id, roleName: name, resourceId: id, resourceName: name, scope: name },
          ...{ justification: name, ipAddress: name, userAgent: name, occurredAt: new Date(0), details },
          ...{ actorEmail: null, targetType: null, targetEmail: name, targetExternalId: null },
          ...{
            requestorId: null,
            ofExtension: false,
            fromNewAddress: true,
            withNewBrowser: true,
            mailedLately: false,
          },
        };
        for (const { notice } of noticesOf(facts)) {
          expect(notice.href).toMatch(/^\/([^/]|$)/);
          expect(notice.title).not.toBe("");
          expect(`${notice.title} ${notice.body}`).not.toMatch(/undefined|null|Invalid Date|NaN/);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

it("reminds of the nearest end that has come near, and of nothing shorter than the reminder", () => {
  const endsAt = new Date("2027-06-01T00:00:00Z");
  const minutes = fc.integer({ min: -60 * 24 * 40, max: 60 * 24 * 5 });
  fc.assert(
    fc.property(minutes, minutes, (started, at) => {
      const [startsAt, now] = [addMinutes(endsAt, started), addMinutes(endsAt, at)];
      const due = dueReminder({ startsAt, endsAt }, now);
      if (at >= 0) expect(due).toBeNull();
      if (due !== null) {
        expect(now >= addDays(endsAt, -due)).toBe(true);
        expect(startsAt < addDays(endsAt, -due)).toBe(true);
        for (const nearer of reminderDays.filter((days) => days < due))
          expect(now < addDays(endsAt, -nearer)).toBe(true);
      }
    }),
  );
  expect(dueReminder({ startsAt: addDays(endsAt, -30), endsAt }, addDays(endsAt, -14))).toBe(14);
  expect(dueReminder({ startsAt: addDays(endsAt, -30), endsAt }, addDays(endsAt, -1))).toBe(1);
  expect(dueReminder({ startsAt: addDays(endsAt, -30), endsAt: null }, endsAt)).toBeNull();
});

it("waits longer after each attempt and ends at the last", () => {
  const waits = Array.from({ length: maximumAttempts }, (_, index) => retryMinutes(index + 1));
  expect(waits.at(-1)).toBeNull();
  const minutes = waits.slice(0, -1).map((each) => each ?? 0);
  expect(minutes).toEqual([...minutes].sort((a, b) => a - b));
  expect(minutes[0]).toBeGreaterThan(0);
});

it("takes the settings of mail both or neither, and an address that is one", () => {
  const base = {
    NODE_ENV: "test" as const,
    DATABASE_URL: "postgresql://localhost/postern",
    POSTERN_URL: "https://postern.example",
    POSTERN_SESSION_SECRET: "s".repeat(32),
    POSTERN_ENCRYPTION_KEYS: `k1:${"0".repeat(64)}`,
  };
  const smtpUrl = "smtps://user:secret@mail.example:465";
  const from = "Postern <postern@example.com>";
  expect(readConfiguration({ ...base, POSTERN_SMTP_URL: "", POSTERN_MAIL_FROM: "" }).mail).toBeNull();
  expect(readConfiguration({ ...base, POSTERN_SMTP_URL: smtpUrl, POSTERN_MAIL_FROM: from }).mail).toEqual({
    smtpUrl,
    from,
  });
  expect(() => readConfiguration({ ...base, POSTERN_SMTP_URL: smtpUrl })).toThrow(/set both or neither/);
  for (const wrong of [
    { POSTERN_SMTP_URL: "https://user:secret@mail.example", POSTERN_MAIL_FROM: from },
    { POSTERN_SMTP_URL: smtpUrl, POSTERN_MAIL_FROM: "nobody" },
    { POSTERN_SMTP_URL: smtpUrl, POSTERN_MAIL_FROM: "a@example.com\r\nBcc: b@example.com" },
  ]) {
    expect(() => readConfiguration({ ...base, ...wrong })).toThrow(/POSTERN_(SMTP_URL|MAIL_FROM)/);
    expect(() => readConfiguration({ ...base, ...wrong })).not.toThrow(/secret/);
  }
});
