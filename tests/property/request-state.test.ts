import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeDeadline, openStage, stagesAfterEdit } from "@/lib/domain/requests/approval";
import {
  isFinal,
  isWaiting,
  nextStatus,
  type RequestEvent,
  type RequestState,
  requestEvents,
  requestStatesDocument,
  requestStatuses,
  statusAfter,
  statusAt,
} from "@/lib/domain/requests/request-state";
import { addMinutes } from "@/lib/domain/time/schedule";
import { stage } from "../support/arbitraries";

const event = fc.constantFrom(...(Object.keys(requestEvents) as RequestEvent[]));
const now = new Date("2026-03-02T09:00:00Z");

describe("the states of a request", () => {
  it("are never left once they are final, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        let state: RequestState = "New";
        for (const each of events) {
          const next = nextStatus(state, each);
          if (state !== "New" && isFinal(state)) expect(next).toBeNull();
          if (next !== null) state = next;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("are all reached, and each that is not final can end", () => {
    const reached = new Set<RequestState>(["New"]);
    for (const state of reached)
      for (const each of Object.keys(requestEvents) as RequestEvent[]) {
        const next = nextStatus(state, each);
        if (next !== null) reached.add(next);
      }
    expect([...reached].sort()).toEqual(["New", ...requestStatuses].sort());
  });

  it("give access only past an approval, in an emergency or where nobody needs to approve, and never after a refusal", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        let state: RequestState = "New";
        const taken: RequestEvent[] = [];
        for (const each of events) {
          const next = nextStatus(state, each);
          if (next === null) continue;
          state = next;
          taken.push(each);
        }
        if (state === "Provisioned" || state === "ScheduleCreated") {
          expect(taken.some((each) => ["Approve", "Accept", "BreakGlass"].includes(each))).toBe(true);
          for (const refusal of ["Deny", "Cancel", "TimeOut", "Orphan", "Fail"] as const)
            expect(taken).not.toContain(refusal);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("are told apart by what cannot happen", () => {
    expect(statusAfter("New", "Accept", "Provision")).toBe("Provisioned");
    expect(statusAfter("PendingApproval", "Approve", "Schedule")).toBe("ScheduleCreated");
    expect(statusAfter("PendingApproval", "BreakGlass", "Provision")).toBe("Provisioned");
    for (const state of ["New", ...requestStatuses.filter((each) => each !== "PendingApproval")] as const)
      expect(nextStatus(state, "BreakGlass"), state).toBeNull();
    expect(() => statusAfter("Denied", "Approve")).toThrow(/cannot go on from Denied Approve/);
    expect(() => statusAfter("New", "AskForApproval", "Provision")).toThrow(/PendingApproval Provision/);
    expect(() => statusAfter("Canceled", "Approve", "Provision")).toThrow(/Canceled Approve/);
  });

  it("are read by time: a start reached and a time-out passed count at once, to the moment", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...requestStatuses),
        fc.integer({ min: -60, max: 60 }),
        fc.constantFrom(
          { requestType: "SelfActivate", durationMinutes: 60, ended: "Revoked" },
          { requestType: "SelfExtend", durationMinutes: 60, ended: "Revoked" },
          { requestType: "SelfExtend", durationMinutes: null, ended: "Canceled" },
          { requestType: "SelfRenew", durationMinutes: null, ended: "Canceled" },
        ),
        (status, minutes, { ended, ...subject }) => {
          const moment = addMinutes(now, minutes);
          const read = statusAt(
            { ...subject, status, startsAt: moment, expiresAt: moment, orphanedAt: null },
            now,
          );
          if (minutes > 0) expect(read).toBe(status);
          else if (isWaiting(status)) expect(read).toBe("TimedOut");
          else if (status === "ScheduleCreated") expect(read).toBe("Provisioned");
          else expect(read).toBe(status);
          expect(
            statusAt({ ...subject, status, startsAt: null, expiresAt: null, orphanedAt: null }, now),
          ).toBe(status);
          const lost = statusAt(
            { ...subject, status, startsAt: null, expiresAt: moment, orphanedAt: now },
            now,
          );
          if (isWaiting(status)) expect(lost).toBe(minutes > 0 ? ended : "TimedOut");
          else expect(lost).toBe(status);
          // The first outcome stays, whenever the state is read.
          const both = { ...subject, status, startsAt: null, expiresAt: moment, orphanedAt: now };
          expect(statusAt(both, addMinutes(now, 600))).toBe(lost);
        },
      ),
    );
  });

  it("are drawn in docs/request-states.md as they are", () => {
    const drawn = readFileSync(new URL("../../docs/request-states.md", import.meta.url), "utf8");
    expect(drawn).toBe(requestStatesDocument());
  });
});

const stages = fc.array(stage, { minLength: 1, maxLength: 4 });

describe("a stage of an approval", () => {
  it("waits its time-out, and as long again where it escalates", () => {
    fc.assert(
      fc.property(stage, (each) => {
        const open = openStage([each], 0, now);
        const escalates = each.escalationApproverIds.length > 0;
        expect(open.escalatesAt === null).toBe(!escalates);
        expect(open.expiresAt).toEqual(addMinutes(now, each.timeoutHours * 60 * (escalates ? 2 : 1)));
      }),
    );
  });

  it("leaves the member as long as the last one waits to enter a code, a day at most", () => {
    fc.assert(
      fc.property(stages, (all) => {
        const hours = (codeDeadline(all, now).getTime() - now.getTime()) / 3_600_000;
        expect(hours).toBe(Math.min(all.at(-1)?.timeoutHours ?? 0, 24));
      }),
    );
  });

  it("is reminded of a quarter before its end, half an hour to a day, and never before it opened", () => {
    fc.assert(
      fc.property(stage, (each) => {
        const { openedAt, remindsAt, expiresAt } = openStage([each], 0, now);
        const [whole, left] = [expiresAt, remindsAt].map(
          (time) => (time.getTime() - openedAt.getTime()) / 60_000,
        );
        expect(left).toBeGreaterThanOrEqual(0);
        expect((whole ?? 0) - (left ?? 0)).toBe(Math.min(Math.max((whole ?? 0) / 4, 30), 24 * 60));
      }),
    );
  });

  it("is asked anew from the first stage that an edit changes, and never skipped", () => {
    fc.assert(
      fc.property(stages, stages, fc.nat(3), (before, after, position) => {
        const at = position % before.length;
        const edit = stagesAfterEdit(before, at, after);
        expect(stagesAfterEdit(before, at, before)).toBeNull();
        if (edit === null) {
          expect(after).toEqual(before);
          return;
        }
        const { open, anew, origins } = edit;
        const came = origins.filter((origin) => origin !== null);
        expect(new Set(came).size).toBe(came.length);
        for (const [position, origin] of origins.entries()) {
          if (origin === null) continue;
          expect(origin).toBeLessThanOrEqual(at);
          expect(after[position]).toEqual(before[origin]);
        }
        // Every stage before the open one was passed, and the open one was not, unless it is the last.
        for (const origin of origins.slice(0, open)) expect(origin ?? at).toBeLessThan(at);
        if ((origins[open] ?? at) < at) expect(open).toBe(after.length - 1);
        expect(anew).toBe(origins[open] !== at);
      }),
      { numRuns: 1000 },
    );
  });
});
