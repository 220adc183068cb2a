import { expect, it } from "vitest";
import { pagesFor, type RootRights } from "@/components/shell/portal-pages";

const none: RootRights = { read: false, write: false, worker: false };
const organisation = (rights: Partial<RootRights>) =>
  pagesFor({ ...none, ...rights }).flatMap(({ href, label }) =>
    href.startsWith("/organisation") ? [label] : [],
  );

it("the pane leads root administrators to all pages of the organisation, and others to none they may not open", () => {
  expect(organisation({ read: true, write: true, worker: true })).toEqual([
    ...["Organisation", "Sign-in and factors", "Directories"],
  ]);
  expect(organisation({ worker: true }), "without the right to manage people").toEqual([
    ...["Organisation", "Sign-in and factors"],
  ]);
  expect(organisation({ read: true, write: true })).toEqual([]);
  expect(organisation({})).toEqual([]);
});
