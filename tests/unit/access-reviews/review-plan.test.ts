import { describe, expect, it } from "vitest";
import {
  maximumInformed,
  maximumNamedReviewers,
  maximumReviewDays,
  maximumReviewRoles,
  maximumSeriesTimes,
  permissionsToReview,
  type ReviewPlan,
  reviewPlanFaults,
  reviewRecurrences,
  reviewStateAt,
  reviewStates,
} from "@/lib/domain/access-reviews/access-review";
import {
  type AccessUse,
  recommendationFor,
  recommendationReasons,
  recommendationWords,
  unusedDays,
  verdictOf,
} from "@/lib/domain/access-reviews/review-item";
import { nextOccurrence } from "@/lib/domain/access-reviews/review-recurrence";
import { action } from "@/lib/domain/roles/permissions";
import { addDays, latestStart } from "@/lib/domain/time/schedule";

const now = new Date("2026-03-31T09:00:00Z");
const later = (time: Date, milliseconds = 1) => new Date(time.getTime() + milliseconds);
const plan: ReviewPlan = {
  name: "Owners",
  includeBelow: true,
  description: null,
  inactiveDays: null,
  eachMember: false,
  roleDefinitionIds: [],
  covers: "Both",
  reviewers: "Members",
  reviewerIds: [],
  informedIds: [],
  startsAt: null,
  durationDays: 7,
  recurrence: "None",
  seriesEnd: { kind: "Never" },
  withoutAnswer: "Keep",
  applyAutomatically: false,
  justificationRequired: true,
};
const fields = (change: Partial<ReviewPlan>) =>
  reviewPlanFaults({ ...plan, ...change }, now).map(({ field }) => field);
const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index));

describe("the plan of a review", () => {
  it("is in order as it stands", () => {
    expect(fields({})).toEqual([]);
  });

  it("takes a name of 1 to 100 characters", () => {
    expect(fields({ name: "n".repeat(100) })).toEqual([]);
    for (const name of ["", "  ", "n".repeat(101)]) expect(fields({ name }), name).toEqual(["name"]);
  });

  it("takes as many roles as the limit, and not one more", () => {
    expect(fields({ roleDefinitionIds: ids(maximumReviewRoles) })).toEqual([]);
    expect(fields({ roleDefinitionIds: ids(maximumReviewRoles + 1) })).toEqual(["roleDefinitionIds"]);
  });

  it("takes at least one selected reviewer, none where others review, and no more than the limit", () => {
    expect(fields({ reviewers: "Selected" })).toEqual(["reviewerIds"]);
    expect(fields({ reviewers: "Selected", reviewerIds: ids(1) })).toEqual([]);
    expect(fields({ reviewers: "Managers" })).toEqual([]);
    expect(fields({ reviewerIds: ids(maximumNamedReviewers) })).toEqual([]);
    expect(fields({ reviewerIds: ids(maximumNamedReviewers + 1) })).toEqual(["reviewerIds"]);
    expect(fields({ informedIds: ids(maximumInformed) })).toEqual([]);
    expect(fields({ informedIds: ids(maximumInformed + 1) })).toEqual(["informedIds"]);
  });

  it("starts within a year", () => {
    expect(fields({ startsAt: later(now) })).toEqual([]);
    expect(fields({ startsAt: latestStart(now) })).toEqual([]);
    expect(fields({ startsAt: later(latestStart(now)) })).toEqual(["startsAt"]);
  });

  it("lasts whole days, and less than until the next one, and says so where there is a next one", () => {
    for (const recurrence of reviewRecurrences) {
      const most = maximumReviewDays[recurrence];
      for (const durationDays of [1, most]) expect(fields({ recurrence, durationDays })).toEqual([]);
      for (const durationDays of [0, -1, 1.5, most + 1, Number.NaN]) {
        const [fault, ...others] = reviewPlanFaults({ ...plan, recurrence, durationDays }, now);
        expect([fault?.field, others], `${recurrence} ${durationDays}`).toEqual(["durationDays", []]);
        expect(fault?.message.includes("before the next one starts")).toBe(recurrence !== "None");
      }
    }
  });

  it("repeats 2 to 100 times, or until a date after its start", () => {
    const series = (seriesEnd: ReviewPlan["seriesEnd"], startsAt: Date | null = null) =>
      fields({ recurrence: "Weekly", durationDays: 3, startsAt, seriesEnd });
    for (const times of [2, maximumSeriesTimes]) expect(series({ kind: "AfterTimes", times })).toEqual([]);
    for (const times of [1, maximumSeriesTimes + 1, 2.5])
      expect(series({ kind: "AfterTimes", times }), String(times)).toEqual(["seriesTimes"]);
    expect(series({ kind: "OnDate", date: later(now) })).toEqual([]);
    expect(series({ kind: "OnDate", date: now })).toEqual(["seriesUntil"]);
    const startsAt = addDays(now, 10);
    expect(series({ kind: "OnDate", date: startsAt }, startsAt)).toEqual(["seriesUntil"]);
    expect(series({ kind: "OnDate", date: later(startsAt) }, startsAt)).toEqual([]);
    // A start in the past means now.
    expect(series({ kind: "OnDate", date: later(now, -1) }, addDays(now, -10))).toEqual(["seriesUntil"]);
    // The end of a series does not matter to a review that does not recur.
    expect(fields({ seriesEnd: { kind: "AfterTimes", times: 1 } })).toEqual([]);
  });

  it("takes the right to remove what it covers", () => {
    expect(permissionsToReview("Eligible")).toEqual([action.writeEligibility]);
    expect(permissionsToReview("Active")).toEqual([action.writeAssignment]);
    expect(permissionsToReview("Both")).toEqual([action.writeEligibility, action.writeAssignment]);
  });
});

describe("a review", () => {
  it("that is past its end is completed only if it was in progress", () => {
    for (const state of reviewStates)
      expect(reviewStateAt({ state, endsAt: now }, now)).toBe(state === "InProgress" ? "Completed" : state);
  });

  it("of a series still starts at the moment that ends the series, and not after it", () => {
    const seriesStartsAt = now;
    const next = addDays(now, 7);
    const series = { seriesStartsAt, recurrence: "Weekly" as const, occurrence: 0 };
    const ends = { seriesTimes: null, seriesEndedAt: null };
    expect(nextOccurrence({ ...series, ...ends, seriesUntil: next }, next)?.startsAt).toEqual(next);
    expect(nextOccurrence({ ...series, ...ends, seriesUntil: later(next, -1) }, next)).toBeNull();
  });
});

describe("a recommendation", () => {
  const since = addDays(now, -unusedDays);
  const use: AccessUse = {
    access: "Eligible",
    principalType: "User",
    disabled: false,
    startsAt: addDays(now, -365),
    lastUsedAt: null,
  };
  const reason = (change: Partial<AccessUse>) =>
    recommendationFor({ ...use, ...change }, now).recommendationReason;

  it("counts a use and an age of less than thirty days, to the millisecond", () => {
    expect(reason({ lastUsedAt: later(since) })).toBe("Used");
    expect(reason({ lastUsedAt: since })).toBe("Unused");
    expect(reason({ startsAt: later(since) })).toBe("New");
    expect(reason({ startsAt: since })).toBe("Unused");
    expect(reason({ disabled: true, lastUsedAt: now })).toBe("Disabled");
  });

  it("says why in words of what is reviewed", () => {
    const words = (access: "Eligible" | "Active") =>
      recommendationReasons.map((each) => recommendationWords(each, access, 30));
    expect(words("Eligible")).toEqual([
      "The account is disabled",
      "Activated within 30 days",
      "Granted less than 30 days ago",
      "No use is recorded for a service principal",
      "Not activated for 30 days",
    ]);
    expect(words("Active").slice(1, 2)).toEqual(["Signed in within 30 days"]);
    expect(words("Active").at(-1)).toBe("No sign-in for 30 days");
  });

  it("is followed where nobody answered and the review says so, and never in a review that was stopped", () => {
    const unanswered = (
      recommendation: "Approve" | "Deny",
      withoutAnswer: "Keep" | "Remove" | "Recommendation",
    ) =>
      [false, true].map((stopped) =>
        verdictOf({ decision: null, recommendation }, { withoutAnswer, stopped }),
      );
    expect(unanswered("Deny", "Keep")).toEqual(["Keep", "Keep"]);
    expect(unanswered("Approve", "Remove")).toEqual(["Remove", "Keep"]);
    expect(unanswered("Deny", "Recommendation")).toEqual(["Remove", "Keep"]);
    expect(unanswered("Approve", "Recommendation")).toEqual(["Keep", "Keep"]);
  });
});
