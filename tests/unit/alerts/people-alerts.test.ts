import { describe, expect, it } from "vitest";
import { alertSentence } from "@/lib/domain/alerts/alert-sentence";
import { severityWithoutMfa } from "@/lib/domain/alerts/severity-without-mfa";
import { lowerMedian, usualIfExceeded } from "@/lib/domain/alerts/usual-number";
import type { Permission } from "@/lib/domain/roles/permissions";

const nothing: Permission = { actions: [], notActions: [], dataActions: [], notDataActions: [] };

describe("a role without MFA on activation", () => {
  it("is as severe as the most that it may change", () => {
    const severity = (permission: Partial<Permission>) =>
      severityWithoutMfa([{ ...nothing, ...permission }])?.severity ?? null;
    expect(severity({ actions: ["*"] })).toBe("High");
    expect(severity({ actions: ["Microsoft.Authorization/roleAssignments/write"] })).toBe("High");
    expect(severity({ actions: ["*"], notActions: ["Microsoft.Authorization/*"] })).toBe("Medium");
    expect(severity({ actions: ["Microsoft.Web/sites/restart/action"] })).toBe("Medium");
    expect(severity({ actions: ["*/read"], dataActions: ["Microsoft.Storage/blobs/write"] })).toBe("Low");
    expect(severity({ actions: ["*/read", "Microsoft.Web/sites/Read"] })).toBeNull();
    expect(severity({ actions: ["Microsoft.Web/*"], notActions: ["Microsoft.Web/*"] })).toBeNull();
    expect(severity({ dataActions: ["Microsoft.Storage/blobs/read"] })).toBeNull();
  });
});

describe("somebody who activates unusually often", () => {
  const quiet = [2, 2, 2, 2, 2, 2, 2, 2];
  const others = [3, 3, 3, 4, 4];

  it("does so three times as often as in their own weeks, and as the others", () => {
    expect(usualIfExceeded(15, quiet, others)).toBe(3);
    expect(usualIfExceeded(8, quiet, others)).toBeNull();
    expect(usualIfExceeded(9, quiet, others)).toBe(3);
    // Everybody is busy: not unusual. Always busy: not unusual.
    expect(usualIfExceeded(20, quiet, [18, 19, 20, 21, 22])).toBeNull();
    expect(usualIfExceeded(20, [18, 20, 19, 21, 18, 18, 20, 20], others)).toBeNull();
  });

  it("is not judged while too little is known", () => {
    expect(usualIfExceeded(50, [0, 0, 0, 0, 0, 1, 1, 1], [1, 1, 1, 1])).toBeNull();
    expect(usualIfExceeded(50, [0, 0, 0, 0, 1, 1, 1, 1], [])).toBe(1);
    expect(lowerMedian([])).toBeNull();
    expect(lowerMedian([4, 1, 3, 2])).toBe(2);
  });
});

describe("an account that nobody uses", () => {
  it("is said with what it has, eligible and active apart", () => {
    const said = (details: Record<string, string | number>) =>
      alertSentence(
        "StaleAccount",
        { days: 130, seen: "Before", ...details },
        {
          principal: "Ada",
          role: null,
          resource: "/",
        },
      ).replaceAll(/[\u2068\u2069]/g, "");
    expect(said({ eligible: 2, active: 1 })).toBe(
      "Ada has not signed in for 130 days, and is eligible for 2 roles and holds 1 role.",
    );
    expect(said({ seen: "Never", eligible: 0, active: 3 })).toBe(
      "Ada has never signed in for 130 days, and holds 3 roles.",
    );
  });
});
