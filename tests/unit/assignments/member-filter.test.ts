import { expect, it } from "vitest";
import {
  accessOf,
  memberColumns,
  memberPlaces,
  memberTabs,
  sortableColumns,
  usualOrder,
} from "@/lib/domain/assignments/member-filter";

it("asks for the access of a tab, and for one state where the tab has it", () => {
  const asked = memberTabs.map((tab) =>
    ([null, "Eligible", "Assigned", "Activated"] as const).map((state) => {
      const { state: wanted, when } = accessOf({ tab, state });
      return `${wanted ?? "each"} ${when}`;
    }),
  );
  expect(Object.fromEntries(memberTabs.map((tab, index) => [tab, asked[index]]))).toEqual({
    all: ["each any", "Eligible any", "Assigned any", "Activated any"],
    eligible: ["Eligible current", "Eligible current", "Eligible current", "Eligible current"],
    active: ["Active current", "Active current", "Assigned current", "Activated current"],
    expired: ["each ended", "Eligible ended", "Assigned ended", "Activated ended"],
  });
});

it("begins with what ends first, and with the latest where things have ended", () => {
  expect(memberTabs.map(usualOrder)).toEqual([
    { by: "end", descending: true },
    { by: "end", descending: false },
    { by: "end", descending: false },
    { by: "end", descending: true },
  ]);
});

it("sorts what lies below in the one order that an index reads", () => {
  expect(memberPlaces.map(sortableColumns)).toEqual([memberColumns, memberColumns, ["end"]]);
});
