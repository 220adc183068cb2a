import { describe, expect, it } from "vitest";
import { pageLinks } from "@/lib/web/page-links";

const list = {
  cursor: "after",
  address: (after: string | null) => (after ? `/people?type=User&after=${after}` : "/people?type=User"),
};

/** The links of the page at an address. */
function at(href: string | null, next: string | null) {
  const { searchParams } = new URL(href ?? "/people?type=User", "https://postern.example");
  const query = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
  return pageLinks({ ...list, query, next });
}

describe("the pages of a list", () => {
  it("lead forward and back the same way", () => {
    const one = at(null, "c1");
    const two = at(one.next, "c2");
    const three = at(two.next, "c3");
    const four = at(three.next, null);
    expect(one).toMatchObject({ first: null, previous: null });
    expect(two).toMatchObject({ first: null, previous: "/people?type=User" });
    expect(three).toMatchObject({ first: "/people?type=User", previous: one.next });
    expect(four).toMatchObject({ previous: two.next, next: null });
    expect(at(four.previous, "c3")).toEqual(three);
  });

  it("lead from an address without a way back to the first page", () => {
    expect(at("/people?type=User&after=c7", "c8")).toMatchObject({
      first: null,
      previous: "/people?type=User",
    });
  });

  it("remember as many pages as an address can hold", () => {
    let page = at(null, "c0");
    for (let number = 1; number <= 40; number += 1) page = at(page.next, `c${number}`);
    expect(page.next?.match(/afterTrail/g)).toHaveLength(12);
    expect(at(`/people?after=c2&afterTrail=${"x".repeat(5_000)}`, null).previous).toBe("/people?type=User");
  });
});
