import { expect, it } from "vitest";
import { organisationFaults } from "@/lib/domain/notifications/organisation";
import { isTimeZone, timeZones } from "@/lib/domain/time/time-zone";
import { formerZones, presentZone, zoneInWords, zonesByRegion } from "@/lib/domain/time/zone-names";

/** The names that clocks of a zone show in January and July of many years. */
function clocks(timeZone: string): string[] {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "short", timeStyle: "short" });
  const years = Array.from({ length: 40 }, (_, index) => 1990 + index);
  return years.flatMap((year) => [0, 6].map((month) => format.format(Date.UTC(year, month, 15))));
}

it("offers zones by their names of today, and takes the former ones", () => {
  for (const name of ["Asia/Kolkata", "Europe/Kyiv", "America/Nuuk", "Asia/Yangon"])
    expect(timeZones).toContain(name);
  for (const former of formerZones) {
    expect(timeZones).not.toContain(former);
    expect(isTimeZone(former)).toBe(true);
    expect(timeZones).toContain(presentZone(former));
  }
  expect(new Set(timeZones).size).toBe(timeZones.length);
  expect(timeZones).toEqual(["UTC", ...timeZones.slice(1).sort()]);
  const settings = { displayName: "Contoso", allowedMailDomains: [], alertAddresses: [] };
  expect(organisationFaults({ ...settings, timeZone: "Asia/Calcutta" })).toEqual([]);
});

it("calls no zone by the name of another", () => {
  for (const former of formerZones) expect(clocks(presentZone(former)), former).toEqual(clocks(former));
});

it("leaves what is no former name as it is", () => {
  for (const name of ["Europe/Berlin", "UTC", "", "constructor", "__proto__"])
    expect(presentZone(name)).toBe(name);
  expect(zoneInWords("America/Buenos_Aires")).toBe("America/Argentina/Buenos Aires");
});

it("lists zones by parts of the world, so that a city is found by its first letters", () => {
  const regions = zonesByRegion(timeZones);
  expect(regions.find(({ region }) => region === "Asia")?.zones).toContainEqual({
    name: "Asia/Kolkata",
    city: "Kolkata",
  });
  const listed = regions.flatMap(({ zones }) => zones.map(({ name }) => name));
  expect(listed).toHaveLength(timeZones.filter((name) => name.includes("/")).length);
  expect(regions.map(({ region }) => region)).toContain("Europe");
});
