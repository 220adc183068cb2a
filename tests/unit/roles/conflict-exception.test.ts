import { describe, expect, it } from "vitest";
import {
  exceptionFaults,
  exceptionHasBecome,
  exceptionLimits,
  exceptionReasonFaults,
  exceptionStateAt,
  exceptionStates,
} from "@/lib/domain/roles/conflict-exception";
import { addDays } from "@/lib/domain/time/schedule";

const now = new Date("2026-03-02T09:00:00Z");
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);

describe("an exception from a conflict rule", () => {
  it("has ended from the moment of its end, unless it was closed before", () => {
    for (const state of ["Waiting", "Approved"] as const) {
      expect(exceptionStateAt({ state, endsAt: later(1) }, now)).toBe(state);
      expect(exceptionStateAt({ state, endsAt: now }, now)).toBe("Expired");
    }
    for (const state of ["Denied", "Withdrawn", "Revoked", "Expired"] as const)
      expect(exceptionStateAt({ state, endsAt: later(-1) }, now)).toBe(state);
  });

  it("ends in the future, and within its longest time", () => {
    const faults = (endsAt: Date) =>
      exceptionFaults({ justification: "Year end", endsAt }, now).map(({ field }) => field);
    const last = addDays(now, exceptionLimits.days);
    expect(faults(now)).toEqual(["endsAt"]);
    expect(faults(later(1))).toEqual([]);
    expect(faults(last)).toEqual([]);
    expect(faults(new Date(last.getTime() + 1))).toEqual(["endsAt"]);
  });

  it("takes a reason of readable text, and not too much of it", () => {
    const longest = "a".repeat(exceptionLimits.reason);
    expect(exceptionReasonFaults("Year end")).toEqual([]);
    expect(exceptionReasonFaults(longest)).toEqual([]);
    for (const reason of [null, "", `${longest}a`, "Year\u202eend"])
      expect(exceptionReasonFaults(reason)).toMatchObject([{ field: "justification" }]);
    expect(exceptionFaults({ justification: null, endsAt: now }, now)).toHaveLength(2);
  });

  it("says what has become of it, and by whom", () => {
    const by = { decider: "Ada", ender: "Bob" };
    const nobody = { decider: null, ender: null };
    expect(exceptionStates.map((state) => exceptionHasBecome(state, by))).toEqual([
      "This exception still waits for a decision.",
      "Ada has approved this exception.",
      "Ada has denied this exception.",
      "Bob has withdrawn this exception.",
      "Bob has revoked this exception.",
      "This exception has ended.",
    ]);
    expect(exceptionHasBecome("Approved", nobody)).toBe("Somebody has approved this exception.");
    expect(exceptionHasBecome("Revoked", nobody)).toBe("Somebody has revoked this exception.");
  });
});
