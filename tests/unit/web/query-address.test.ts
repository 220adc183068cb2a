import { expect, it } from "vitest";
import { withQuery } from "@/lib/web/query-address";

it("writes the query of an address, with changes, and leaves out what is empty", () => {
  const query = { search: "ada & co", kind: ["a", "b"], state: "", order: null };
  expect(withQuery("/audit", query)).toBe("/audit?search=ada+%26+co&kind=a&kind=b");
  expect(withQuery("/audit", query, { search: null, kind: "c" })).toBe("/audit?kind=c");
  expect(withQuery("/audit", query, { search: "", kind: [] })).toBe("/audit");
});
