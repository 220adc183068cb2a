import { expect, it } from "vitest";
import { usualTerm } from "@/lib/web/assignment-terms";
import {
  nextTerm,
  noTerm,
  otherwise,
  permanent,
  type TermChoice,
  type TermEvent,
} from "@/lib/web/term-choice";

const from = new Date("2026-03-02T09:00:00Z");
const offered = (type: "Eligible" | "Active"): TermEvent => ({
  kind: "offered",
  term: usualTerm(type, 15),
  from,
});
const chosen = (value: string): TermEvent => ({
  kind: "chosen",
  value,
  term: value === "15" ? usualTerm("Eligible", 15) : undefined,
  from,
});
const typed: TermEvent = { kind: "typed" };
const after = (...events: TermEvent[]): TermChoice => events.reduce(nextTerm, noTerm);

it("a form that opens shows the usual end, and another type its own", () => {
  const fifteen = "2026-03-17T09:00:00.000Z";
  expect(after(offered("Eligible"))).toEqual({ term: "15", end: fifteen, filled: 1, typed: false });
  expect(after(offered("Eligible"), offered("Active"))).toMatchObject({
    term: "1",
    end: "2026-03-03T09:00:00.000Z",
    filled: 2,
  });
});

it("an end that a person cleared or typed is never filled in again by itself", () => {
  const cleared = after(offered("Eligible"), typed);
  expect(cleared).toMatchObject({ term: otherwise, filled: 1, typed: true });
  expect(nextTerm(cleared, offered("Active"))).toEqual(cleared);
  expect(nextTerm(cleared, offered("Eligible"))).toEqual(cleared);
  // Also where it comes before the form has filled in anything.
  expect(after(typed, offered("Eligible"))).toMatchObject({ term: otherwise, end: "", filled: 0 });
});

it("a duration that a person chooses fills in its end, also over one that was typed", () => {
  expect(after(offered("Active"), typed, chosen("15"))).toMatchObject({
    term: "15",
    filled: 2,
    typed: false,
  });
});

it("Permanently and Other fill in nothing, and another type begins anew after them", () => {
  for (const value of [permanent, otherwise]) {
    expect(after(offered("Active"), chosen(value))).toMatchObject({ term: value, filled: 1, typed: false });
    expect(after(offered("Active"), chosen(value), offered("Eligible"))).toMatchObject({
      term: "15",
      filled: 2,
    });
  }
});

it("a form without a usual term shows none", () => {
  expect(after({ kind: "offered", term: undefined, from })).toEqual(noTerm);
});
