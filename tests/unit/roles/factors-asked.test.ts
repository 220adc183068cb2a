import { expect, it } from "vitest";
import { assigningTakesCode, assigningTakesResistant } from "@/lib/domain/roles/factors-asked";

it("to give a role takes a factor where its settings ask for one, to make eligible where it can give access to others", () => {
  const role = (requires: boolean, resistant: boolean, writesAuthorization: boolean) => ({
    ...{ assignmentRequiresMfa: requires, assignmentPhishingResistant: resistant, writesAuthorization },
  });
  const takes = (type: "Eligible" | "Active", of: ReturnType<typeof role>) => [
    assigningTakesCode(type, of),
    assigningTakesResistant(type, of),
  ];
  expect(takes("Active", role(true, false, false))).toEqual([true, false]);
  expect(takes("Active", role(true, true, false))).toEqual([true, true]);
  expect(takes("Active", role(false, true, true))).toEqual([false, false]);
  expect(takes("Eligible", role(true, true, false))).toEqual([false, false]);
  expect(takes("Eligible", role(false, true, true))).toEqual([true, false]);
  expect(takes("Eligible", role(true, true, true))).toEqual([true, true]);
});
