import { expect, it } from "vitest";
import { leadingPages } from "@/lib/domain/preferences/palette-order";

const pages = [{ label: "Notifications" }, { label: "Choose which notifications are mailed" }];
const labels = (typed: string, ...found: string[]) =>
  leadingPages(
    pages,
    found.map((label) => ({ label })),
    typed,
  ).map(({ label }) => label);

it("a page whose name is typed comes before roles that only contain it", () => {
  const role = "Azure Resource Notifications System Topics Subscriber";
  expect(labels("notifications", role)).toEqual(["Notifications"]);
  expect(labels(" Notif ", role)).toEqual(["Notifications"]);
  expect(labels("mailed", role)).toEqual([]);
  expect(labels("", role)).toEqual([]);
});

it("what was found by its very name stays first, and what begins like a page as well", () => {
  expect(labels("notifications", "\u2068Notifications\u2069")).toEqual([]);
  expect(labels("notif", "Notification Hubs Reader")).toEqual([]);
  expect(labels("notifications", "Notifications Reader")).toEqual(["Notifications"]);
});
