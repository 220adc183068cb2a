import { z } from "zod";
import { memberTabs } from "./tabs";

const text = z
  .string()
  .max(2_000)
  .transform((value) => value.replaceAll("\0", "").trim())
  .catch("");

/** Reads the tab, search, order and page of a member list from its address. */
export const memberQuery = z.object({
  tab: z.enum(memberTabs).catch("eligible"),
  search: text,
  sort: text,
  after: text,
});
