import { expect, it } from "vitest";
import { replayInWords } from "@/components/roles/replay-figures";
import { timesIn } from "@/lib/domain/time/reader-times";
import type { SettingsReplay } from "@/lib/queries/roles/replay-settings";

const replay: SettingsReplay = {
  version: 1,
  since: new Date("2026-11-19T10:00:00Z"),
  whole: true,
  activations: 60,
  assignments: 6,
  differing: 14,
  figures: [],
  list: null,
  listable: true,
};

it("says what was replayed, and since when where it is not all of ninety days", () => {
  const words = (changes: Partial<SettingsReplay>) =>
    replayInWords({ ...replay, ...changes }, timesIn("UTC"));
  expect(words({})).toBe("14 of 66 requests of the last 90 days would have had a different outcome.");
  expect(words({ differing: 0 })).toBe(
    "The outcome would have been the same for the 66 requests of the last 90 days.",
  );
  expect(words({ whole: false })).toBe(
    "14 of 66 requests since 19 Nov 2026, 10:00 would have had a different outcome.",
  );
  const none = { activations: 0, assignments: 0, differing: 0 };
  expect(words(none)).toBe("Nobody asked for this role here in the last 90 days.");
  expect(words({ ...none, whole: false })).toBe("Nobody asked for this role here since 19 Nov 2026, 10:00.");
});
