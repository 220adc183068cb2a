import { expect, it } from "vitest";
import { remainingFailures, type ThrottleKind, throttles } from "@/lib/domain/people/throttle";

it("neither forgives nor adds failures when a clock is set back", () => {
  for (const kind of Object.keys(throttles) as ThrottleKind[])
    for (const seconds of [0, -1, -3_600, -1e9]) expect(remainingFailures(kind, 12, seconds)).toBe(12);
});
