import { z } from "zod";
import { memberTabs } from "./tabs";

const text = z
  .string()
  .max(2_000)
  .transform((value) => value.replaceAll("\0", "").trim())
  .catch("");

/** What the address of a list of members says: which of them, those that a search finds, in which order, from where on. */
export const memberQuery = z.object({
  tab: z.enum(memberTabs).catch("eligible"),
  search: text,
  sort: text,
  after: text,
});
