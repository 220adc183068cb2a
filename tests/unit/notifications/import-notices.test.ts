import { describe, expect, it } from "vitest";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import { asRead, eventOf } from "../../support/event-facts";

const read = (kind: string, details = {}) =>
  asRead(noticesOf(eventOf(kind, { details: { fileName: "Azure", ...details } })));

describe("a run of a scheduled import", () => {
  const run = (told: string, more = {}) => read("ImportScheduleRan", { importId: "i1", told, ...more });
  it("that differs is announced to whom it runs for, with its preview", () => {
    expect(run("Previewed", { add: 1_200, change: 1, remove: 2, bad: 3 })).toEqual([
      [
        ...["scheduleAdministrator", "administration", "Azure differs from Postern"],
        "Rows: 1,200 to add, 1 to change, 2 to remove, 3 invalid. Nothing has changed yet. Check the preview, and apply it if it is right.",
        "/import/i1",
      ],
    ]);
  });

  it("that applies says what waits for a code, and one that stops or fails says why", () => {
    expect(run("Applying", { add: 2, needCode: 1 })[0]?.[3]).toContain("One row waits for you");
    expect(run("Applying", { add: 3, needCode: 2 })[0]?.[3]).toContain("2 rows wait for you");
    expect(run("Applying", { add: 3 })[0]?.[3]).toBe(
      "Rows: 3 to add. Changes that need no code are applied automatically.",
    );
    expect(run("OverLimit", { remove: 9 })[0]?.slice(2, 4)).toEqual([
      "Azure has stopped: it would remove too many members",
      expect.stringContaining("Nothing was applied."),
    ]);
    expect(run("Failed", { importId: null, reason: "The address answered 500." })[0]?.slice(2)).toEqual([
      "Azure could not run",
      expect.stringMatching(/^The address answered 500\. Nothing was changed\./),
      "/import/schedules",
    ]);
  });

  it("that fails without a reason says that nothing was changed", () => {
    expect(run("Failed")[0]?.[3]).toMatch(/^Nothing was changed\./);
  });

  it("that fails once more, or finds nothing, is announced to nobody", () => {
    expect(read("ImportScheduleRan", { reason: "It failed" })).toEqual([]);
    expect(read("ImportScheduleUpdated", { told: "Previewed", importId: "i1" })).toEqual([]);
  });
});

describe("a scheduled import that paused itself", () => {
  const paused = (pauseReason: string) =>
    read("ImportSchedulePaused", { pauseReason, administratorName: "Eve" });
  it("is announced to whom it ran for and to those who may take it over; not if somebody paused it", () => {
    expect(paused("RightLost").map(([audience, , , body]) => [audience, body?.split(".")[0]])).toEqual([
      ["scheduleAdministrator", "It ran for you, and you may no longer import"],
      ["administrators", "It ran for Eve, who may no longer import"],
    ]);
    expect(paused("Disabled")[1]?.[3]).toContain("Eve, who was disabled");
    expect(paused("Failed")[0]?.[3]).toContain("failed several times");
    expect(read("ImportSchedulePaused")).toEqual([]);
  });
});
