import { expect, it } from "vitest";
import { activationLevels, judgesAssignments } from "@/lib/domain/gate/levels-in-force";

const path = ["root", "platform", "production", "web"];

it("an activation is judged from the level of its eligibility down to the chosen one", () => {
  expect(activationLevels(path, "platform")).toEqual(["platform", "production", "web"]);
  expect(activationLevels(path, "root")).toEqual(path);
  expect(activationLevels(path, "web")).toEqual(["web"]);
});

it("where the eligibility does not lie on the path, its own level and the chosen one judge", () => {
  expect(activationLevels(path, "labs")).toEqual(["labs", "web"]);
  expect(activationLevels([], "labs")).toEqual(["labs"]);
});

it("assignments are judged by their own level, and by every edited level above", () => {
  expect(judgesAssignments({ resourceId: "web", version: 0 }, "web")).toBe(true);
  expect(judgesAssignments({ resourceId: "platform", version: 0 }, "web")).toBe(false);
  expect(judgesAssignments({ resourceId: "platform", version: 1 }, "web")).toBe(true);
});
