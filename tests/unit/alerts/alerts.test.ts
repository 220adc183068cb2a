import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AlertDetails, alertSentence } from "@/lib/domain/alerts/alert-sentence";
import { alertDescriptions, alertKinds } from "@/lib/domain/alerts/alerts";
import { unusualReasons, usualWithinHours } from "@/lib/domain/alerts/unusual-activation";

const hour = fc.integer({ min: 0, max: 23 });
const usual = { hour: 9, timeZone: "UTC", address: "192.0.2.1", addressKnown: true };

describe("alerts", () => {
  it("says what triggered every kind, and leaves no gap in the sentence", () => {
    const details = {
      count: 4,
      names: ["Ada", "Bob"],
      days: 30,
      seen: "Before",
      eligible: 2,
      active: 1,
      usual: 3,
      origin: "Import",
      addresses: ["192.0.2.1"],
      reasons: "at night",
      firstRole: "Clerk",
      firstResource: "Production",
      secondRole: "Approver",
      secondResource: "web",
      rule: "Payments",
      directory: "Entra",
    };
    for (const kind of alertKinds) {
      const sentence = alertSentence(kind, details, {
        principal: "Ada",
        role: "Owner",
        resource: "Production",
      });
      expect(sentence).not.toMatch(/undefined|null|\s{2}/);
      expect(alertDescriptions[kind].howToFix).not.toBe("");
    }
  });

  it("says of each kind who, what and where", () => {
    const names = { principal: "Ada", role: "Owner", resource: "Production" };
    const nobody = { principal: null, role: null, resource: "Production" };
    const plain = (...args: Parameters<typeof alertSentence>) =>
      alertSentence(...args).replaceAll(/[\u2068\u2069]/g, "");
    const count = { count: 4, names: ["Ada", "Bob"] };
    expect(plain("TokenOutlivesMaker", { directory: "Entra" }, names)).toBe(
      "The token of the directory Entra was made by Ada, who can no longer make one. It still works.",
    );
    expect(plain("TooManyOwners", count, names)).toBe("4 Owners on Production: Ada, Bob.");
    expect(plain("TooManyPermanentOwners", count, names)).toBe("4 permanent Owners on Production: Ada, Bob.");
    const limits = { ...count, assigned: 16, threshold: 4, percent: 0 };
    expect(plain("TooManyOwners", limits, names)).toBe(
      "4 Owners on Production, 25% of everybody assigned there (the alert is raised from 4): Ada, Bob.",
    );
    expect(plain("TooManyPermanentOwners", { ...limits, assigned: 401, percent: 10 }, names)).toMatch(
      /, less than 1% of everybody assigned there \(the alert is raised from 4 and 10%\): Ada, Bob\.$/,
    );
    expect(plain("EligibleNeverActivates", { days: 30 }, names)).toBe(
      "Ada is eligible for Owner on Production and has not activated it for 30 days.",
    );
    expect(plain("ActivationWithoutMfa", {}, nobody)).toMatch(/^a role on Production can be activated/);
    expect(plain("DuplicateCustomRoles", count, names)).toBe("These custom roles allow the same: Ada, Bob.");
    expect(plain("AssignedOutside", { origin: "Import" }, names)).toMatch(/by an import\.$/);
    expect(plain("AssignedOutside", { origin: "Api" }, nobody)).toBe(
      "Somebody was given a role on Production by another program.",
    );
    const outlasts = (details: AlertDetails) => plain("OutlastsGiver", { giver: "Grace", ...details }, names);
    expect(outlasts({ groupName: "Operators" })).toMatch(/ added Ada to Operators\.$/);
    expect(outlasts({ assignmentType: "Eligible" })).toMatch(/ made Ada eligible for Owner on Production\.$/);
    expect(outlasts({ assignmentType: "Active" })).toMatch(/ gave Ada Owner on Production\.$/);
    expect(plain("RepeatedFailedStepUps", { count: 9, addresses: ["192.0.2.1"] }, names)).toBe(
      "9 codes of Ada were refused within a day, from 192.0.2.1.",
    );
    expect(plain("UnusualActivation", { reasons: "at night" }, names)).toBe(
      "Ada activated Owner on Production at night.",
    );
    expect(plain("UnusualActivation", { reasons: "from afar", how: "Extended" }, names)).toBe(
      "Ada extended Owner on Production from afar.",
    );
  });

  it("keeps quiet about a person whose habits are not known yet", () => {
    const odd = { ...usual, hour: 3, address: "192.0.2.9", addressKnown: false };
    expect(unusualReasons(odd, [9, 10, 11], 4)).toEqual([]);
  });

  it("names an hour that is far from every earlier one, around midnight too", () => {
    expect(unusualReasons({ ...usual, hour: 3 }, Array(10).fill(9), 10)).toHaveLength(1);
    expect(unusualReasons({ ...usual, hour: 23 }, Array(10).fill(1), 10)).toEqual([]);
    expect(unusualReasons({ ...usual, hour: 22 }, Array(10).fill(1), 10)).toHaveLength(1);
  });

  it("says nothing about the hour of an extension, and all about its address", () => {
    const late = { ...usual, hour: 3, extended: true };
    expect(unusualReasons(late, Array(10).fill(9), 10)).toEqual([]);
    expect(unusualReasons({ ...late, addressKnown: false }, Array(10).fill(9), 10)).toHaveLength(1);
  });

  it("names the hour by the clock that it judged by", () => {
    const [utc] = unusualReasons({ ...usual, hour: 3 }, Array(10).fill(9), 10);
    expect(utc).toBe("at 03:00 UTC, outside their usual hours");
    const [there] = unusualReasons({ ...usual, hour: 3, timeZone: "Europe/Berlin" }, Array(10).fill(9), 10);
    expect(there).toBe("at 03:00 (Europe/Berlin), outside their usual hours");
  });

  it("names an address that was never used", () => {
    const [reason] = unusualReasons(
      { ...usual, address: "192.0.2.9", addressKnown: false },
      Array(10).fill(9),
      10,
    );
    expect(reason).toContain("192.0.2.9");
  });

  it("never calls an hour unusual that was used before, whatever the others were", () => {
    fc.assert(
      fc.property(fc.array(hour, { minLength: 10, maxLength: 50 }), hour, (hours, used) => {
        expect(unusualReasons({ ...usual, hour: used }, [...hours, used], 10)).toEqual([]);
      }),
    );
  });

  it("is the same on a clock that is turned", () => {
    fc.assert(
      fc.property(fc.array(hour, { minLength: 10, maxLength: 30 }), hour, hour, (hours, at, turn) => {
        const turned = unusualReasons(
          { ...usual, hour: (at + turn) % 24 },
          hours.map((each) => (each + turn) % 24),
          10,
        );
        expect(turned).toHaveLength(unusualReasons({ ...usual, hour: at }, hours, 10).length);
      }),
    );
    expect(usualWithinHours).toBeLessThan(12);
  });
});
