import { describe, expect, it } from "vitest";
import { timesIn } from "@/lib/domain/time/reader-times";
import { newestNotification } from "@/lib/web/newest-notification";

const row = {
  id: "01890000-0000-7000-8000-000000000001",
  category: "access",
  title: "Reader ends 1 Mar 2027, 23:30 UTC",
  body: "",
  href: "/my-roles",
  createdAt: new Date("2027-03-01T22:45:00Z"),
  readAt: null,
};

describe("a notification in the bell's list", () => {
  it("shows the time alone on the reader's own day, and the day before midnight of the reader's zone", () => {
    const at = (zone: string, now: string) => newestNotification(row, timesIn(zone), new Date(now)).when;
    expect(at("UTC", "2027-03-01T23:59:00Z")).toBe("22:45");
    expect(at("UTC", "2027-03-02T00:01:00Z")).toBe("1 Mar, 22:45");
    // In Berlin it is 23:45, and its day ends an hour earlier than in UTC.
    expect(at("Europe/Berlin", "2027-03-01T22:50:00Z")).toBe("23:45");
    expect(at("Europe/Berlin", "2027-03-01T23:10:00Z")).toBe("1 Mar, 23:45");
  });

  it("has the times of its text in the reader's zone, and its exact moment in UTC", () => {
    const shown = newestNotification(row, timesIn("Europe/Berlin"), row.createdAt);
    expect(shown.title).toBe("Reader ends 2\u00a0Mar\u00a02027,\u00a000:30");
    expect(shown).toMatchObject({ exact: "2027-03-01 22:45:00 UTC", unread: true, activateFirst: false });
  });
});
