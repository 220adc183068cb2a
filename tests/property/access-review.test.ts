import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  maximumReviewDays,
  nextReviewState,
  type ReviewPlan,
  type ReviewStep,
  reviewPlanFaults,
  reviewRecurrences,
  reviewStateAt,
  reviewStates,
  withoutAnswers,
} from "@/lib/domain/access-reviews/access-review";
import {
  type AccessUse,
  recommendationFor,
  reviewDecisions,
  verdictOf,
} from "@/lib/domain/access-reviews/review-item";
import { addMonths, nextOccurrence, occurrenceStart } from "@/lib/domain/access-reviews/review-recurrence";
import { addDays } from "@/lib/domain/time/schedule";

const now = new Date("2026-03-31T09:00:00Z");
const steps: ReviewStep[] = ["start", "end", "stop", "apply", "hold", "finish"];

describe("the states of a review", () => {
  it("lead, by whatever steps, from not started to an end, and never back to taking decisions", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...steps), { maxLength: 30 }), (taken) => {
        let state: (typeof reviewStates)[number] = "NotStarted";
        let over = false;
        for (const step of taken) {
          const next = nextReviewState(state, step);
          if (next === null) continue;
          if (over) expect(["NotStarted", "InProgress"]).not.toContain(next);
          if (next !== "InProgress") over = true;
          state = next;
        }
      }),
    );
  });

  it("can each be reached, and each but the first comes of another", () => {
    const reached = new Set(
      reviewStates.flatMap((state) => steps.map((step) => nextReviewState(state, step))),
    );
    expect(reviewStates.filter((state) => !reached.has(state))).toEqual(["NotStarted"]);
  });

  it("are over at the end itself, whoever has written it down", () => {
    const review = { state: "InProgress" as const, endsAt: now };
    expect(reviewStateAt(review, new Date(now.getTime() - 1))).toBe("InProgress");
    expect(reviewStateAt(review, now)).toBe("Completed");
  });
});

const use: fc.Arbitrary<AccessUse> = fc.record({
  access: fc.constantFrom("Eligible", "Active"),
  principalType: fc.constantFrom("User", "Group", "ServicePrincipal"),
  disabled: fc.boolean(),
  startsAt: fc.integer({ min: 0, max: 400 }).map((days) => addDays(now, -days)),
  lastUsedAt: fc.option(fc.integer({ min: 0, max: 400 }).map((days) => addDays(now, -days))),
});

describe("the recommendation", () => {
  it("speaks for removal of what is disabled, or old and unused, and of nothing else", () => {
    fc.assert(
      fc.property(use, (each) => {
        const { recommendation, recommendationReason } = recommendationFor(each, now);
        const month = addDays(now, -30);
        const used = each.lastUsedAt !== null && each.lastUsedAt > month;
        const unseen = each.access === "Active" && each.principalType === "ServicePrincipal";
        const denied = each.disabled || (!used && each.startsAt <= month && !unseen);
        expect(recommendation).toBe(denied ? "Deny" : "Approve");
        expect(recommendation === "Deny").toBe(["Disabled", "Unused"].includes(recommendationReason));
      }),
    );
  });
});

describe("what is applied", () => {
  it("removes what was denied, never what was approved, and what nobody answered as the review says", () => {
    const decision = fc.option(fc.constantFrom(...reviewDecisions));
    const recommendation = fc.constantFrom("Approve" as const, "Deny" as const);
    const rule = fc.record({ withoutAnswer: fc.constantFrom(...withoutAnswers), stopped: fc.boolean() });
    fc.assert(
      fc.property(decision, recommendation, rule, (given, recommended, review) => {
        const verdict = verdictOf({ decision: given, recommendation: recommended }, review);
        if (given !== null) expect(verdict).toBe(given === "Deny" ? "Remove" : "Keep");
        else if (review.stopped) expect(verdict).toBe("Keep");
        else if (review.withoutAnswer !== "Recommendation") expect(verdict).toBe(review.withoutAnswer);
        else expect(verdict).toBe(recommended === "Deny" ? "Remove" : "Keep");
      }),
    );
  });
});

const forever = { seriesTimes: null, seriesUntil: null, seriesEndedAt: null };

describe("the next of a series", () => {
  const moment = fc.date({ min: new Date("2020-01-01Z"), max: new Date("2030-01-01Z"), noInvalidDate: true });
  it("is the following one, or the latest due where some were missed", () => {
    fc.assert(
      fc.property(
        moment,
        fc.constantFrom("Weekly" as const, "Monthly" as const, "Quarterly" as const, "Yearly" as const),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 800 }),
        (seriesStartsAt, recurrence, occurrence, late) => {
          const at = addDays(occurrenceStart(seriesStartsAt, recurrence, occurrence), late);
          const next = nextOccurrence({ seriesStartsAt, recurrence, occurrence, ...forever }, at);
          if (!next) throw new Error("a series goes on");
          expect(next.occurrence).toBeGreaterThan(occurrence);
          expect(next.startsAt > occurrenceStart(seriesStartsAt, recurrence, occurrence)).toBe(true);
          expect(occurrenceStart(seriesStartsAt, recurrence, next.occurrence + 1) > at).toBe(true);
          if (next.occurrence > occurrence + 1) expect(next.startsAt <= at).toBe(true);
        },
      ),
    );
  });

  it("starts on the same day of the month, or its last, without drifting", () => {
    const first = new Date("2026-01-31T10:30:00Z");
    const days = [1, 2, 3].map((count) => addMonths(first, count).toISOString());
    expect(days).toEqual([
      "2026-02-28T10:30:00.000Z",
      "2026-03-31T10:30:00.000Z",
      "2026-04-30T10:30:00.000Z",
    ]);
    const once = { seriesStartsAt: first, recurrence: "None" as const, occurrence: 0, ...forever };
    expect(nextOccurrence(once, now)).toBeNull();
  });

  it("belongs to the series: no more than so many times, none after the date, none once it was ended", () => {
    const kinds = fc.constantFrom(
      "Weekly" as const,
      "Monthly" as const,
      "Quarterly" as const,
      "Yearly" as const,
    );
    fc.assert(
      fc.property(
        moment,
        kinds,
        fc.nat(20),
        fc.nat(800),
        fc.integer({ min: 2, max: 30 }),
        fc.nat(4000),
        (seriesStartsAt, recurrence, occurrence, late, seriesTimes, days) => {
          const series = { seriesStartsAt, recurrence, occurrence, ...forever };
          const at = addDays(occurrenceStart(seriesStartsAt, recurrence, occurrence), late);
          const free = nextOccurrence(series, at);
          const counted = nextOccurrence({ ...series, seriesTimes }, at);
          if (occurrence + 1 >= seriesTimes) expect(counted).toBeNull();
          else expect(counted?.occurrence).toBe(Math.min(free?.occurrence ?? 0, seriesTimes - 1));
          const seriesUntil = addDays(seriesStartsAt, days);
          const dated = nextOccurrence({ ...series, seriesUntil }, at);
          if (dated === null)
            expect(occurrenceStart(seriesStartsAt, recurrence, occurrence + 1) > seriesUntil).toBe(true);
          else expect(dated.startsAt <= seriesUntil && dated.occurrence > occurrence).toBe(true);
          expect(nextOccurrence({ ...series, seriesEndedAt: seriesStartsAt }, at)).toBeNull();
        },
      ),
    );
  });

  it("never starts before the longest review of its kind has ended", () => {
    fc.assert(
      fc.property(
        moment,
        fc.constantFrom(...reviewRecurrences),
        fc.nat(40),
        (start, recurrence, occurrence) => {
          if (recurrence === "None") return;
          const end = addDays(occurrenceStart(start, recurrence, occurrence), maximumReviewDays[recurrence]);
          expect(end < occurrenceStart(start, recurrence, occurrence + 1)).toBe(true);
        },
      ),
    );
  });
});

it("reports every fault of a plan at once", () => {
  const plan: ReviewPlan = {
    name: " ",
    includeBelow: false,
    description: null,
    inactiveDays: null,
    eachMember: false,
    roleDefinitionIds: Array.from({ length: 51 }, () => crypto.randomUUID()),
    covers: "Both",
    reviewers: "Selected",
    reviewerIds: [],
    informedIds: [],
    startsAt: addDays(now, 367),
    durationDays: 7,
    recurrence: "Weekly",
    seriesEnd: { kind: "AfterTimes", times: 1 },
    withoutAnswer: "Keep",
    applyAutomatically: false,
    justificationRequired: true,
  };
  const fields = reviewPlanFaults(plan, now).map((fault) => fault.field);
  expect(fields).toEqual([
    "name",
    "roleDefinitionIds",
    "reviewerIds",
    "startsAt",
    "durationDays",
    "seriesTimes",
  ]);
  const good: ReviewPlan = {
    ...plan,
    name: "Q1",
    roleDefinitionIds: [],
    reviewers: "Managers",
    startsAt: null,
    durationDays: 6,
    seriesEnd: { kind: "AfterTimes", times: 2 },
  };
  expect(reviewPlanFaults(good, now)).toEqual([]);
  const until = (date: Date) => reviewPlanFaults({ ...good, seriesEnd: { kind: "OnDate", date } }, now);
  expect(until(now).map((fault) => fault.field)).toEqual(["seriesUntil"]);
  expect(until(addDays(now, 1))).toEqual([]);
  for (const times of [1, 101, 2.5, Number.NaN])
    expect(reviewPlanFaults({ ...good, seriesEnd: { kind: "AfterTimes", times } }, now)).toHaveLength(1);
  expect(reviewPlanFaults({ ...good, recurrence: "None", seriesEnd: plan.seriesEnd }, now)).toEqual([]);
});
