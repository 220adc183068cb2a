import type { ChartData } from "@/components/figures/few-rows";
import { Icon } from "@/components/ui/icon";
import { csvAddress } from "@/lib/domain/text/comma-separated";

/** The data of a figure, as a file. */
export function CsvLink({ id, title, data }: { id: string; title: string; data: ChartData }) {
  return (
    <a
      className="button button-quiet px-2 text-muted"
      href={csvAddress(
        data.head,
        data.rows.map((row) => row.map(({ text }) => text)),
      )}
      download={`${id}.csv`}
      aria-label={`Download ${title} as CSV`}
    >
      <Icon name="download" size={15} /> <span className="hidden @md:inline">CSV</span>
    </a>
  );
}
