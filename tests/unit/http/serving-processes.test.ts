import { expect, it } from "vitest";
import { shareOf } from "@/lib/server/http/connections";
import { servingProcessesOf } from "@/lib/server/http/serving-processes";

it("one process for each processor serves, at most four, unless a number is set", () => {
  expect([1, 2, 4, 64].map((processors) => servingProcessesOf(undefined, processors))).toEqual([1, 2, 4, 4]);
  expect([0, 2].map((processors) => servingProcessesOf("", processors))).toEqual([1, 2]);
  expect(["1", "8"].map((text) => servingProcessesOf(text, 2))).toEqual([1, 8]);
});

it("what is no number of processes is reported in one line", () => {
  for (const text of ["0", "-1", "1.5", "65", "all"])
    expect(() => servingProcessesOf(text)).toThrow(
      `POSTERN_PROCESSES is ${text}: set it to a number from 1 to 64.`,
    );
});

it("processes share a limit between them", () => {
  expect([1, 2, 3].map((processes) => shareOf(512, processes))).toEqual([512, 256, 171]);
});
