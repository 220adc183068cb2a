import { describe, expect, it } from "vitest";
import { approvalCounts, codeDeadline, openStage, stagesAfterEdit } from "@/lib/domain/requests/approval";
import { statusAt } from "@/lib/domain/requests/request-state";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { addMinutes } from "@/lib/domain/time/schedule";

const now = new Date("2026-03-02T09:00:00Z");
const justBefore = (time: Date) => new Date(time.getTime() - 1);
const stage = (name: string, changes: Partial<ApprovalStage> = {}): ApprovalStage => ({
  ...emptyApprovalStage,
  approverIds: [name],
  ...changes,
});
const [a, b, c, d] = [stage("a"), stage("b"), stage("c"), stage("d")];

describe("a stage that opens", () => {
  it("waits its time for the approvers, and as long again where there are others", () => {
    expect(openStage([a, stage("b", { timeoutHours: 2 })], 1, now)).toMatchObject({
      stage: 1,
      approverIds: ["b"],
      escalatesAt: null,
      expiresAt: addMinutes(now, 120),
    });
    const escalating = stage("a", { timeoutHours: 2, escalationApproverIds: ["z"] });
    expect(openStage([escalating], 0, now)).toMatchObject({
      escalatesAt: addMinutes(now, 120),
      expiresAt: addMinutes(now, 240),
      escalationIds: ["z"],
    });
    expect(() => openStage([a], 1, now)).toThrow("there is no stage 1 of 1");
  });

  it("to extend an activation waits no longer than that runs", () => {
    const end = addMinutes(now, 60);
    const longer = stage("a", { timeoutHours: 2, escalationApproverIds: ["z"] });
    expect(openStage([longer], 0, now, end)).toMatchObject({
      expiresAt: end,
      remindsAt: addMinutes(now, 30),
    });
    expect(openStage([longer], 0, now, addMinutes(now, 241)).expiresAt).toEqual(addMinutes(now, 240));
    expect(codeDeadline([longer], now, end)).toEqual(end);
    expect(codeDeadline([longer], now, addMinutes(now, 121))).toEqual(addMinutes(now, 120));
  });

  it("once approved waits for a code as long as its approvers had, a day at most", () => {
    expect(codeDeadline([stage("a", { timeoutHours: 48 }), stage("b", { timeoutHours: 3 })], now)).toEqual(
      addMinutes(now, 180),
    );
    expect(codeDeadline([stage("a", { timeoutHours: 48 })], now)).toEqual(addMinutes(now, 24 * 60));
    expect(() => codeDeadline([], now)).toThrow("waits for no code");
  });
});

it("an approval counts while its giver may decide and does not gain", () => {
  const giver = { named: true, asAdministrator: false, administers: false, gains: false, gaveOther: false };
  expect(approvalCounts(giver)).toBe(true);
  expect(approvalCounts({ ...giver, gains: true })).toBe(false);
  expect(approvalCounts({ ...giver, gaveOther: true })).toBe(false);
  const other = { ...giver, named: false };
  expect(approvalCounts(other)).toBe(false);
  expect(approvalCounts({ ...other, asAdministrator: true })).toBe(false);
  expect(approvalCounts({ ...other, administers: true })).toBe(false);
  expect(approvalCounts({ ...other, asAdministrator: true, administers: true })).toBe(true);
});

describe("a request that waits when its stages are edited", () => {
  const edited = (from: ApprovalStage[], at: number, to: ApprovalStage[]) => stagesAfterEdit(from, at, to);

  it("continues as it was where nothing changes, or no approval is left to ask for", () => {
    expect(edited([a, b], 1, [stage("a"), stage("b")])).toBeNull();
    expect(edited([a, b], 1, [])).toBeNull();
  });

  it("keeps what was passed and the times of the open stage, wherever they stand now", () => {
    expect(edited([a, b], 1, [a, b, c])).toEqual({ open: 1, anew: false, origins: [0, 1, null] });
    expect(edited([a, b], 1, [b, a])).toEqual({ open: 0, anew: false, origins: [1, 0] });
    expect(edited([a, b, c], 1, [b, c])).toEqual({ open: 0, anew: false, origins: [1, null] });
  });

  it("opens anew what nobody approved, and counts no stage that was not reached", () => {
    expect(edited([a, b], 1, [c, b])).toEqual({ open: 0, anew: true, origins: [null, 1] });
    expect(edited([a, b, c], 0, [c, d])).toEqual({ open: 0, anew: true, origins: [null, null] });
    expect(edited([a, b], 1, [a, c])).toEqual({ open: 1, anew: true, origins: [0, null] });
  });

  it("is not completed by an easier setting: the last stage asks once more", () => {
    expect(edited([a, b], 1, [a])).toEqual({ open: 0, anew: true, origins: [0] });
    expect(edited([a, b, c], 2, [b, a])).toEqual({ open: 1, anew: true, origins: [1, 0] });
  });

  it("counts each former stage once, where two are equal", () => {
    expect(edited([a, b], 1, [a, a])).toEqual({ open: 1, anew: true, origins: [0, null] });
    expect(edited([a, a, b], 2, [c, a, a])).toEqual({ open: 0, anew: true, origins: [null, 1, 0] });
  });
});

describe("the status at a moment", () => {
  const request = {
    requestType: "SelfActivate",
    durationMinutes: 60,
    status: "PendingApproval",
    startsAt: null,
    expiresAt: now,
    orphanedAt: null,
  } as const;

  it("is timed out from the deadline on, and not a moment before", () => {
    expect(statusAt(request, justBefore(now))).toBe("PendingApproval");
    expect(statusAt(request, now)).toBe("TimedOut");
    expect(statusAt({ ...request, status: "PendingProvisioning" }, now)).toBe("TimedOut");
    expect(statusAt({ ...request, expiresAt: null }, now)).toBe("PendingApproval");
  });

  it("is that of what came first: the deadline, or the loss of what it rests on", () => {
    const later = addMinutes(now, 60);
    expect(statusAt({ ...request, orphanedAt: justBefore(now) }, later)).toBe("Revoked");
    expect(statusAt({ ...request, orphanedAt: now }, later)).toBe("TimedOut");
    expect(
      statusAt(
        { ...request, requestType: "SelfExtend", durationMinutes: null, orphanedAt: justBefore(now) },
        later,
      ),
    ).toBe("Canceled");
  });

  it("of what is scheduled is provisioned from its start on", () => {
    const scheduled = { ...request, status: "ScheduleCreated", startsAt: now } as const;
    expect(statusAt(scheduled, justBefore(now))).toBe("ScheduleCreated");
    expect(statusAt(scheduled, now)).toBe("Provisioned");
    expect(statusAt({ ...scheduled, startsAt: null }, now)).toBe("ScheduleCreated");
  });
});
