import fc from "fast-check";
import { expect, it } from "vitest";
import type { MemberView } from "@/components/assignments/member-view";
import { packMembers, unpackMembers } from "@/components/assignments/packed-members";

const text = fc.string({ maxLength: 12 });
const iso = fc
  .date({ min: new Date("1970-01-01"), max: new Date("9998-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString());
const moment = fc.record({ iso, words: text });
const or = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const former = fc.array(fc.record({ kind: fc.constant("email" as const), value: text, until: text }), {
  maxLength: 2,
});
const things = [0, 1, 2].map((n) => ({ id: `id ${n}`, name: `name ${n}`, scope: `/${n}`, below: n === 1 }));
const view: fc.Arbitrary<MemberView> = fc
  .record({
    id: text,
    member: fc
      .record({
        displayName: text,
        type: fc.constantFrom("User", "Group", "ServicePrincipal"),
        email: or(text),
        externalId: or(text),
        former,
      })
      .map((rest) => ({ id: JSON.stringify(rest), ...rest })),
    role: fc.constantFrom("one", "two"),
    state: fc.constantFrom("Eligible", "Assigned", "Activated"),
    mark: or(fc.constantFrom("Scheduled", "Expired", "Removed", "Ended early")),
    start: moment,
    end: or(fc.record({ iso, words: text, distance: text })),
    from: or(fc.constantFrom(...things)),
    may: or(fc.constantFrom("change", "renew")),
    maximumDays: or(fc.constantFrom(15, 365)),
    factor: fc.constantFrom("none", "any", "passkey"),
  })
  .map(({ role, factor, ...rest }) => ({
    ...rest,
    needsCode: factor !== "none",
    resistantOnly: factor === "passkey",
    roleId: role,
    roleName: `Role ${role}`,
  }));

it("the rows of a list arrive in the browser as they were sent", () => {
  fc.assert(
    fc.property(fc.array(view, { maxLength: 20 }), (views) => {
      const sent = JSON.parse(JSON.stringify(packMembers(views)));
      expect(unpackMembers(sent)).toEqual(views);
    }),
  );
});
