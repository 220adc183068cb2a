import { expect, it } from "vitest";
import { orderText } from "@/lib/domain/text/list-order";
import { parseOrder, sortableHead } from "@/lib/web/list-order";

const columns = ["name", "start"] as const;
const usual = { by: "name", descending: false } as const;

it("reads the order that an address names, and the usual one from anything else", () => {
  for (const by of columns) {
    for (const descending of [false, true]) {
      const order = { by, descending };
      expect(parseOrder(columns, orderText(order), usual)).toEqual(order);
    }
  }
  for (const text of ["", "-", "--name", "end", "name; DROP", undefined, ["start"]]) {
    expect(parseOrder(columns, text, usual)).toEqual(usual);
  }
});

it("turns the order around at the column that the list is in the order of, and begins upwards at another", () => {
  const head = (by: "name" | "start", descending: boolean) =>
    sortableHead({ by: "name", descending }, by, "Label", (sort) => `?sort=${sort}`);
  expect(head("name", false)).toMatchObject({ href: "?sort=-name", sorted: "ascending" });
  expect(head("name", true)).toMatchObject({ href: "?sort=name", sorted: "descending" });
  expect(head("start", true)).toMatchObject({ href: "?sort=start", sorted: null });
});
