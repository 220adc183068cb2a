import { z } from "zod";
import { longestSearch } from "@/lib/domain/text/limits";
import type { CoverageFilter } from "@/lib/queries/figures/coverage-list";

const shape = z.object({
  of: z.enum(["people", "settings"]).catch("people"),
  mfa: z.enum(["with", "without"]).nullable().catch(null),
  resource: z.uuid().nullable().catch(null),
  below: z.literal("1").nullable().catch(null),
  search: z
    .string()
    .max(longestSearch)
    .transform((value) => value.replaceAll("\0", "").trim())
    .catch(""),
});

/** The filter in an address. Invalid parts are left out. */
export function coverageFilter(
  query: Readonly<Record<string, string | string[] | undefined>>,
): CoverageFilter {
  const { of, mfa, resource, below, search } = shape.parse({ ...query });
  const covered = mfa === null ? null : mfa === "with";
  return { of, covered, resourceId: resource, below: resource !== null && below !== null, search };
}

/** A filter as an address. */
export function coverageParameters(filter: CoverageFilter): Record<string, string> {
  return {
    of: filter.of,
    ...(filter.covered === null ? {} : { mfa: filter.covered ? "with" : "without" }),
    ...(filter.resourceId ? { resource: filter.resourceId } : {}),
    ...(filter.resourceId && filter.below ? { below: "1" } : {}),
    ...(filter.search ? { search: filter.search } : {}),
  };
}

/** The address of the list behind a figure. */
export function coverageAddress(filter: Partial<CoverageFilter>): string {
  const full = {
    of: "people" as const,
    covered: null,
    resourceId: null,
    below: false,
    search: "",
    ...filter,
  };
  return `/dashboard/mfa-coverage?${new URLSearchParams(coverageParameters(full))}`;
}
