import { DrawnFrame, type FrameProps } from "@/components/figures/drawn-frame";
import type { ChartData } from "@/components/figures/few-rows";
import { csvAddress } from "@/lib/domain/text/comma-separated";

/** The data of a figure as the address of a file. */
export function csvOf({ head, rows }: ChartData): string {
  return csvAddress(
    head,
    rows.map((row) => row.map(({ text }) => text)),
  );
}

/**
 * A chart in its card: title, legend, drawing, table and downloads. The drawing is hidden from screen readers, which
 * get the sentence and the table. Each figure links to its list.
 */
export function ChartFrame({ data, ...props }: FrameProps & { readonly data: ChartData }) {
  return <DrawnFrame {...props} csv={props.empty ? null : csvOf(data)} />;
}
