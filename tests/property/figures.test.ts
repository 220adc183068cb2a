import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AccessFilter,
  accessTimes,
  newestFirst,
  wantedStates,
} from "@/lib/domain/assignments/access-filter";
import { percentages } from "@/lib/domain/figures/percentages";
import { maximumOpenNodes, openNodes } from "@/lib/domain/resources/resource-tree";
import { accessFilter, accessParameters } from "@/lib/web/access-address";

const day = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2030-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const days = orNull(fc.integer({ min: 1, max: 366 }));
const moment = fc.date({ min: new Date("1980-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
const filter: fc.Arbitrary<AccessFilter> = fc.record({
  resourceId: orNull(fc.uuid()),
  below: fc.boolean(),
  roleDefinitionId: orNull(fc.uuid()),
  state: orNull(fc.constantFrom(...wantedStates)),
  kind: orNull(fc.constantFrom("User", "Group", "ServicePrincipal")),
  when: fc.oneof(fc.constantFrom(...accessTimes), moment),
  from: orNull(day),
  to: orNull(day),
  timeZone: fc.constant("UTC"),
  createdWithinDays: days,
  endsWithinDays: days,
  endsBetween: orNull(fc.record({ from: moment, to: moment })),
  withoutMfa: orNull(fc.constantFrom("people", "resistant", "settings")),
  search: fc.string({ maxLength: 200 }).map((text) => text.replaceAll("\0", "").trim()),
  order: fc.constantFrom(newestFirst, { by: "end", descending: false }, { by: "end", descending: true }),
});

describe("a filter of access", () => {
  it("comes back from an address as it went in", () => {
    fc.assert(
      fc.property(filter, (given) => {
        const query = Object.fromEntries(new URLSearchParams(accessParameters(given)));
        expect(accessFilter(query)).toEqual(given);
      }),
    );
  });

  it("is read from anything at all without a fault", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))), (query) => {
        expect(accessFilter(query).search).not.toContain("\0");
      }),
    );
  });
});

describe("percentages", () => {
  it("are whole, add up to a hundred, and are off by less than one", () => {
    const counts = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(counts, (given) => {
        const all = given.reduce((sum, count) => sum + count, 0);
        const shares = percentages(given);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(all === 0 ? 0 : 100);
        for (const [index, share] of shares.entries())
          expect(Math.abs(share - (all === 0 ? 0 : (100 * (given[index] ?? 0)) / all))).toBeLessThan(1);
      }),
    );
  });
});

describe("the open nodes of an address", () => {
  it("are ids, each once, and never too many", () => {
    const text = fc
      .array(fc.oneof(fc.uuid(), fc.string()), { maxLength: 120 })
      .map((parts) => parts.join("."));
    fc.assert(
      fc.property(text, (given) => {
        const nodes = openNodes(given);
        expect(new Set(nodes).size).toBe(nodes.length);
        expect(nodes.length).toBeLessThanOrEqual(maximumOpenNodes);
        for (const node of nodes) expect(given).toContain(node);
      }),
    );
  });
});
