import { describe, expect, it } from "vitest";
import { type DirectoryPerson, obstaclesToLink } from "@/lib/domain/people/link-by-directory";

/** Somebody whom a directory created, and who has nothing that a thief of its token would want. */
const plain: DirectoryPerson = {
  asMade: true,
  ...{ disabled: false, linked: false, password: false, factor: false },
  ...{ cameBefore: false, breakGlass: false, privileged: false },
};

describe("a directory's external id", () => {
  it("links somebody who is as the directory made them", () => {
    expect(obstaclesToLink(plain)).toEqual([]);
  });

  it.each([
    ["asMade", false, "with which the directory made them"],
    ["disabled", true, "disabled"],
    ["linked", true, "already linked"],
    ["password", true, "password"],
    ["factor", true, "second factor"],
    ["cameBefore", true, "signed in before"],
    ["breakGlass", true, "break-glass"],
    ["privileged", true, "active role"],
  ] as const)("links nobody where %s is %s", (fact, value, words) => {
    const obstacles = obstaclesToLink({ ...plain, [fact]: value });
    expect(obstacles).toHaveLength(1);
    expect(obstacles[0]).toContain(words);
  });

  it("says everything that is in the way", () => {
    const person = { ...plain, asMade: false, linked: true, privileged: true };
    expect(obstaclesToLink(person)).toHaveLength(3);
  });
});
