import type { AccessFilter } from "@/lib/domain/assignments/access-filter";
import type { AccessFigures } from "@/lib/domain/figures/access-figures";
import { accessParameters } from "@/lib/web/access-address";

/** The figures that a chart shows. */
export interface FiguresShown {
  readonly figures: AccessFigures;
  /** The place of the figures, so that each links to its own list. */
  readonly place: Pick<AccessFilter, "resourceId" | "below">;
}

/** The address of a list in which `#` stands for a row of the chart. */
export function addressOfRows(filter: Partial<AccessFilter>, row: Readonly<Record<string, string>>): string {
  return `/assignments?${new URLSearchParams({ ...accessParameters(filter), ...row })}`;
}
