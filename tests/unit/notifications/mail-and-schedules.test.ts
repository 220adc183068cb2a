import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activateFirstNotice } from "@/lib/domain/notifications/activate-first";
import { requestRemindsAt, reviewRemindsAt } from "@/lib/domain/notifications/deadline-reminder";
import { maximumAttempts, retryMinutes } from "@/lib/domain/notifications/delivery-retry";
import { endingNotice } from "@/lib/domain/notifications/ending-notice";
import { dueReminder } from "@/lib/domain/notifications/expiry-reminder";
import { mailText } from "@/lib/domain/notifications/mail-text";
import { mutableCategoryNames } from "@/lib/domain/notifications/notice";
import { digestMonday, digestNotice } from "@/lib/domain/notifications/weekly-digest";
import { timesIn } from "@/lib/domain/time/reader-times";
import { addDays, addHours, addMinutes } from "@/lib/domain/time/schedule";

const hour = 3_600_000;
const at = (text: string) => new Date(`${text}Z`);
const anyTime = fc.date({ min: at("2020-01-01T00:00"), max: at("2040-01-01T00:00"), noInvalidDate: true });

describe("a mail that was not accepted", () => {
  it("is tried eight times in seventeen hours, and waits longer each time", () => {
    const waits = Array.from({ length: maximumAttempts }, (_, index) => retryMinutes(index + 1));
    expect(waits).toEqual([1, 2, 5, 15, 60, 240, 720, null]);
    const hours = waits.reduce<number>((sum, each) => sum + (each ?? 0), 0) / 60;
    expect(Math.floor(hours)).toBe(17);
    expect([retryMinutes(0), retryMinutes(9)]).toEqual([1, null]);
  });
});

describe("a deadline is reminded of", () => {
  const opened = at("2026-11-24T09:00");

  it("for a request when a quarter of its time is left, at least 30 minutes and at most a day before", () => {
    const before = (hours: number) => {
      const expires = addHours(opened, hours);
      return (expires.getTime() - requestRemindsAt(opened, expires).getTime()) / hour;
    };
    expect([4, 24, 96, 100, 720].map(before)).toEqual([1, 6, 24, 24, 24]);
    expect([2, 1.5, 1, 0.5].map(before)).toEqual([0.5, 0.5, 0.5, 0.5]);
    // Never before the stage opened.
    expect(requestRemindsAt(opened, addMinutes(opened, 20))).toEqual(opened);
  });

  it("for a review a day before its end, or at three quarters of one shorter than two days", () => {
    const after = (hours: number) =>
      (reviewRemindsAt(opened, addHours(opened, hours)).getTime() - opened.getTime()) / hour;
    expect([240, 48, 47, 24, 4].map(after)).toEqual([216, 24, 35.25, 18, 3]);
  });

  it("within the time that it has", () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: 1, max: 60 * 24 * 60 }), (from, minutes) => {
        const end = addMinutes(from, minutes);
        for (const due of [requestRemindsAt(from, end), reviewRemindsAt(from, end)]) {
          expect(due >= from).toBe(true);
          expect(due < end).toBe(true);
          expect(end.getTime() - due.getTime()).toBeLessThanOrEqual(24 * hour);
        }
      }),
    );
  });
});

describe("an end is reminded of", () => {
  const endsAt = at("2026-12-24T09:00");
  const due = (began: number, now: number) =>
    dueReminder({ startsAt: addDays(endsAt, -began), endsAt }, addDays(endsAt, -now));

  it("fourteen days and one day before, from that moment on", () => {
    expect([15, 14.01, 14, 7, 1.01, 1, 0.5].map((now) => due(90, now))).toEqual([
      ...[null, null, 14, 14, 14, 1, 1],
    ]);
  });

  it("not where the access began within that time, nor once it has ended, nor without an end", () => {
    expect([due(14, 10), due(10, 5), due(10, 1), due(1, 0.5)]).toEqual([null, null, 1, null]);
    expect([due(90, 0), due(90, -1)]).toEqual([null, null]);
    expect(dueReminder({ startsAt: endsAt, endsAt: null }, endsAt)).toBeNull();
  });
});

describe("what ends on a day", () => {
  const ending = (eligible: number, active: number) =>
    endingNotice(
      {
        ...{ resourceId: "s1", resourceName: "Production", scope: "/subscriptions/s1", eligible, active },
        ...{ from: at("2026-12-07T23:00"), to: at("2026-12-08T23:00") },
      },
      "Europe/Berlin",
    );

  it("is one notice with its place, its day there, its numbers and the list", () => {
    const notice = ending(2, 1);
    expect(notice).toMatchObject({
      ...{ category: "administration", title: "3 assignments end on Tuesday 8 December 2026: Production" },
      body: "2 eligible assignments and 1 active assignment, on Production and below. Extend what is still needed.",
      facts: [
        { label: "Resource", value: "Production" },
        { label: "Scope", value: "/subscriptions/s1" },
        { label: "Day", value: "Tuesday 8 December 2026" },
        { label: "Eligible", value: "2" },
        { label: "Active", value: "1" },
      ],
    });
    const address = new URL(notice.href, "https://postern.example");
    expect(address.pathname).toBe("/assignments");
    expect(Object.fromEntries(address.searchParams)).toEqual({
      ...{ resource: "s1", below: "1", when: "current" },
      ...{ endsFrom: "2026-12-07T23:00:00.000Z", endsTo: "2026-12-08T23:00:00.000Z" },
    });
  });

  it("is counted in words, without what there is none of", () => {
    expect(ending(1, 0).title).toMatch(/^1 assignment ends on /);
    expect(ending(1, 0).body).toMatch(/^1 eligible assignment, on /);
    expect(ending(0, 2).body).toMatch(/^2 active assignments, on /);
  });
});

describe("the weekly digest", () => {
  const none = {
    ...{ activations: 0, eligibleAdded: 0, activeAdded: 0, removed: 0, ended: 0, refused: 0, endingSoon: 0 },
  };
  const monday = at("2026-11-23T00:00");

  it("is due each Monday at six in the morning, UTC", () => {
    for (const [now, week] of [
      ["2026-11-23T05:59:59.999", "2026-11-16"],
      ["2026-11-23T06:00", "2026-11-23"],
      ["2026-11-25T12:00", "2026-11-23"],
      ["2026-11-29T23:59", "2026-11-23"],
      ["2026-11-30T05:00", "2026-11-23"],
      ["2026-11-30T06:00", "2026-11-30"],
      ["2027-01-01T00:00", "2026-12-28"],
    ] as const)
      expect(digestMonday(at(now))).toEqual(at(`${week}T00:00`));
    fc.assert(
      fc.property(anyTime, (now) => {
        const due = digestMonday(now);
        expect([due.getUTCDay(), due.getTime() % (24 * hour)]).toEqual([1, 0]);
        const since = now.getTime() - due.getTime() - 6 * hour;
        expect(since >= 0 && since < 7 * 24 * hour).toBe(true);
      }),
    );
  });

  it("has the figures of the week from Monday to Sunday, and leads to the log of it", () => {
    const figures = {
      ...{
        activations: 12,
        eligibleAdded: 2,
        activeAdded: 3,
        removed: 4,
        ended: 5,
        refused: 6,
        endingSoon: 7,
      },
    };
    expect(digestNotice(figures, monday, "you administer")).toEqual({
      ...{ category: "digest", title: "Your week in privileged access, 16 Nov 2026 to 22 Nov 2026" },
      body: "12 activations in the scopes you administer. 7 assignments end in the next 14 days.",
      facts: [
        { label: "Activations", value: "12" },
        { label: "Made eligible", value: "2" },
        { label: "Assigned as active", value: "3" },
        { label: "Removed", value: "4" },
        { label: "Ended by time", value: "5" },
        { label: "Refused attempts", value: "6" },
        { label: "Ending in the next 14 days", value: "7" },
      ],
      href: "/audit?from=2026-11-16&to=2026-11-22",
    });
  });

  it("says how much standing access there is and how it changed, and leads to its list, if the reader sees it", () => {
    const standing = { now: 1_204, before: 1_207, since: at("2026-11-16T06:00"), resourceId: "r" };
    const notice = digestNotice({ ...none, ended: 1 }, monday, "you administer", standing);
    const words = "1,204 active assignments, 3 fewer than on 16 Nov 2026";
    expect(notice?.body).toMatch(new RegExp(` Standing access: ${words}\\.$`));
    expect(notice?.facts.at(-1)).toEqual({ label: "Standing access", value: "1,204, 3 fewer" });
    expect(notice?.also).toEqual({
      action: "Reduce standing access",
      href: "/resources/r/standing-access",
    });
    const said = (now: number, before: number) =>
      digestNotice({ ...none, ended: 1 }, monday, "you administer", { ...standing, now, before });
    expect(said(1, 0)?.body).toContain("1 active assignment, 1 more than on");
    expect(said(2, 2)?.body).toContain("2 active assignments, as many as on");
    const figures = (now: number, before: number) => said(now, before)?.facts.at(-1)?.value;
    expect([figures(1, 0), figures(2, 2)]).toEqual(["1, 1 more", "2, unchanged"]);
    expect(said(0, 1)?.also).toBeUndefined();
    // By itself it is no reason to send a digest.
    expect(digestNotice(none, monday, "you administer", standing)).toBeNull();
  });

  it("is none if nothing happened and nothing ends, and one for the least thing", () => {
    expect(digestNotice(none, monday, "you administer")).toBeNull();
    for (const figure of Object.keys(none))
      expect(digestNotice({ ...none, [figure]: 1 }, monday, "you can administer")).not.toBeNull();
    expect(digestNotice({ ...none, activations: 1, endingSoon: 1 }, monday, "you can administer")?.body).toBe(
      "1 activation in the scopes you can administer. 1 assignment ends in the next 14 days.",
    );
  });
});

describe("a notice as mail", () => {
  const notice = {
    ...{
      title: "You now hold Reader",
      body: "Until 24 Nov 2026, 09:00 UTC.",
      href: "/my-roles?tab=active&x=1",
    },
    facts: [{ label: "Role", value: "Reader <b>" }],
  };
  const url = "https://postern.example";

  it("is plain text with its facts, its link and where to choose", () => {
    expect(mailText(notice, url)).toMatchObject({
      subject: "Postern: You now hold Reader",
      text: [
        ...["You now hold Reader", "", "Until 24 Nov 2026, 09:00 UTC.", "", "Role: Reader <b>", ""],
        ...["Open in Postern: https://postern.example/my-roles?tab=active&x=1", ""],
        ...["Choose what is mailed to you: https://postern.example/account/notifications", ""],
      ].join("\n"),
    });
    expect(mailText(notice, url).html).toMatch(
      /<a class="quiet" href="https:\/\/postern\.example\/account\/notifications"[^>]*>Choose what is mailed to you<\/a>/,
    );
    const short = mailText({ ...notice, body: "", facts: [], action: "Extend" }, url);
    expect(short.text).toMatch(/^You now hold Reader\n\nExtend: https/);
    expect(short.html).toContain(">Extend</a>");
    expect(short.html).not.toMatch(/<table|<p style="margin:0 0 16px;overflow/);
  });

  it("leads nobody to an account who may have none", () => {
    const { text, html } = mailText(notice, url, undefined, "address");
    for (const said of [text, html]) {
      expect(said).toContain("An administrator of Postern can change which mail this address gets.");
      expect(said).not.toContain("/account/");
    }
  });

  it("may link to a second page, also behind the activation of a role", () => {
    const also = { action: "Reduce", href: "/resources/r/standing-access" };
    const { text, html } = mailText({ ...notice, also }, url);
    expect(text).toContain("x=1\nReduce: https://postern.example/resources/r/standing-access\n");
    expect(html).toContain('<a class="brand" href="https://postern.example/resources/r/standing-access"');
    const role = { eligibilityId: "e", roleName: "Owner", resourceId: "r", resourceName: "Root" };
    const first = activateFirstNotice({ ...notice, category: "digest", also }, role);
    expect(first.also?.href).toBe("/activate-first?role=e&at=r&next=%2Fresources%2Fr%2Fstanding-access");
  });

  it("is HTML in which whatever people typed is text", () => {
    const typed = { ...notice, title: `<i>&"'`, body: "<script>", facts: [{ label: "<u>", value: `"'&` }] };
    const { html } = mailText(typed, url);
    expect(html).toContain(
      '<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3;overflow-wrap:anywhere">&lt;i&gt;&amp;&quot;&#39;</h1>',
    );
    expect(html).toContain("&lt;script&gt;</p>");
    expect(html).toMatch(/>&lt;u&gt;<\/td><td [^>]*>&quot;&#39;&amp;<\/td>/);
    expect(html).toContain('href="https://postern.example/my-roles?tab=active&amp;x=1"');
    expect(html).not.toMatch(/src=|url\(|<script|<i>|<u>/);
  });

  it("has its times in the recipient's zone, which it names, and in UTC otherwise", () => {
    const local = mailText(notice, url, timesIn("America/New_York"));
    expect(local.text).toContain("Until 24 Nov 2026, 04:00 UTC-05:00.");
    expect(local.text).toContain("\nTimes are in America/New York.\n");
    expect(local.html).toContain(">Times are in America/New York.</p>");
    expect(mailText({ ...notice, body: "" }, url, timesIn("America/New_York")).text).not.toContain(
      "Times are",
    );
    expect(mailText(notice, url).html).not.toContain("Times are");
    expect(mailText(notice, url).html).not.toMatch(/<p class="quiet"[^>]*><\/p>/);
    expect(mailText(notice, url, { zone: "UTC", language: "de" }).text).toContain(
      "Until 24.11.2026, 09:00 UTC+00:00.",
    );
    const inFact = { ...notice, body: "", facts: [{ label: "Until", value: "24 Nov 2026, 09:00 UTC" }] };
    expect(mailText(inFact, url, timesIn("America/New_York")).text).toContain(
      "Until: 24 Nov 2026, 04:00 UTC-05:00",
    );
  });

  it("is on one line where a line has a meaning, and writes what is invisible out", () => {
    const { subject, text } = mailText({ ...notice, title: " A\r\nBcc: x\u2028y\u202e ", facts: [] }, url);
    expect(subject).toBe("Postern: A Bcc: x y⟨U+202E⟩");
    expect(text.startsWith("A Bcc: x y⟨U+202E⟩\n\n")).toBe(true);
  });

  it("has a subject of at most three hundred characters, in which a name that is cut off ends", () => {
    const subject = (title: string) => mailText({ ...notice, title }, url).subject.slice("Postern: ".length);
    expect(subject("x".repeat(300))).toBe("x".repeat(300));
    expect(subject("x".repeat(301))).toBe(`${"x".repeat(299)}…`);
    expect(subject(`${"😀".repeat(301)}`)).toBe(`${"😀".repeat(299)}…`);
    const name = "\u2068".concat("א".repeat(320), "\u2069");
    expect(subject(name)).toBe(`\u2068${"א".repeat(298)}…\u2069`);
    const early = `\u2068א\u2069${"x".repeat(320)}`;
    expect(subject(early)).toBe(`\u2068א\u2069${"x".repeat(296)}…`);
  });
});

it("always sends what is one's own security or waits for one's decision", () => {
  expect(mutableCategoryNames).toEqual([
    ...["asked", "requests", "access", "expiry", "administration", "exports", "digest"],
  ]);
});
