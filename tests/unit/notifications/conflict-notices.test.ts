import { describe, expect, it } from "vitest";
import { conflictNotices } from "@/lib/domain/notifications/conflict-notices";
import type { EventFacts } from "@/lib/domain/notifications/event-facts";
import { eventOf } from "../../support/event-facts";

const plain = (text: string) => text.replaceAll(/[\u2066-\u2069]/g, "");

/** The notices of an event about an exception for Ada, as a person reads them. */
function read(kind: string, details: EventFacts["details"] = {}, justification: string | null = "Month end") {
  const event = eventOf(kind, {
    ...{ roleDefinitionId: null, roleName: null, justification },
    details: { ruleName: "Payments", ruleId: "r1", ...details },
  });
  return conflictNotices(event).map(({ audience, portalOnly, notice: { title, body, href } }) => ({
    ...{ audience, portalOnly, title: plain(title), body: plain(body), href },
  }));
}

const exception = "exception for Ada from the conflict rule Payments on Production";
const href = "/resources/s1/conflicting-roles/r1#exceptions";

describe("notices of exceptions from conflict rules", () => {
  it("ask other administrators to decide, where it can be decided", () => {
    const [notice, ...rest] = read("ConflictExceptionRequested");
    expect(rest).toEqual([]);
    expect(notice).toMatchObject({
      audience: "exceptionDeciders",
      title: `Max requests an ${exception}`,
      href,
    });
    expect(notice?.body).toContain("Another administrator approves or denies it.");
    expect(notice?.body).toContain("Month end");
  });

  it("say to whoever asked, whom it names and the others that it was approved", () => {
    const notices = read("ConflictExceptionApproved");
    expect(notices.map(({ audience, title }) => [audience, title])).toEqual([
      ["exceptionAsker", `Your ${exception} was approved`],
      ["target", "You may hold roles together that the conflict rule Payments forbids"],
      ["exceptionDeciders", `Max approved the ${exception}`],
    ]);
    expect(notices[1]).toMatchObject({ href: "/my-roles" });
    expect(notices.map(({ portalOnly }) => portalOnly)).toEqual([false, false, true]);
    expect(notices[2]?.body).toBe("Reason: Month end");
  });

  it("say who denied or withdrew it", () => {
    expect(read("ConflictExceptionDenied").map(({ audience, title }) => [audience, title])).toEqual([
      ["exceptionAsker", `Your ${exception} was denied`],
      ["exceptionDeciders", `Max denied the ${exception}`],
    ]);
    expect(read("ConflictExceptionWithdrawn").map(({ title }) => title)).toEqual([
      `Max withdrew the ${exception}`,
    ]);
  });

  it("say why it ended, and to whom it names only if it was in force and nothing replaces it", () => {
    const revoked = read("ConflictExceptionRevoked", { wasApproved: true, because: "RuleChanged" });
    expect(revoked.map(({ audience }) => audience)).toEqual(["exceptionAsker", "target"]);
    for (const { body } of revoked)
      expect(body).toContain("Max ended it. The roles of the rule were changed.");
    expect(revoked[0]?.body).toContain("Anyone who still holds both is reported as an alert.");
    const replaced = read("ConflictExceptionRevoked", { wasApproved: true, because: "Replaced" });
    expect(replaced.map(({ audience }) => audience)).toEqual(["exceptionAsker"]);
    const [expired, ...others] = read("ConflictExceptionExpired", { wasApproved: false }, null);
    expect(others).toEqual([]);
    expect(expired).toMatchObject({ title: `Your ${exception} has ended`, body: "Nobody decided on it." });
    expect(read("ConflictExceptionExpired", { wasApproved: true }, null)[1]?.body).toBe(
      "Roles that conflict by this rule can no longer be held together.",
    );
  });

  it("are none of any other event", () => {
    expect(read("RoleSettingsUpdated")).toEqual([]);
  });
});
