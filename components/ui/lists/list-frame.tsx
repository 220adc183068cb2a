import { Pager, TableRegion } from "@/components/ui/page-parts";
import { counted } from "@/lib/domain/text/number-format";
import type { PageLinks } from "@/lib/web/page-links";

/** How many rows a list has. Counting ends at `most`, beyond which it is "1,000+". */
export interface Total {
  readonly count: number;
  readonly most: number;
  readonly one: string;
  readonly many: string;
}

/** "214 assignments", "1 assignment" or "1,000+ assignments". */
export function totalInWords({ count, most, one, many }: Total): string {
  if (count > most) return `${counted(most)}+ ${many}`;
  return `${counted(count)} ${count === 1 ? one : many}`;
}

/** A table with its head in sight, how many rows there are, and the pages beside this one. `children` are its rows. */
export function ListFrame(props: {
  readonly label: string;
  readonly head: React.ComponentProps<typeof TableRegion>["head"];
  readonly total?: Total | null;
  readonly pages: PageLinks;
  /** Stands at the end of the line above the table, such as an export. */
  readonly aside?: React.ReactNode;
  readonly children: React.ReactNode;
}) {
  return (
    <>
      {props.total || props.aside ? (
        <div className="list-line">
          <p className="text-muted">{props.total ? totalInWords(props.total) : null}</p>
          {props.aside}
        </div>
      ) : null}
      <TableRegion label={props.label} head={props.head}>
        {props.children}
      </TableRegion>
      <Pager {...props.pages} />
    </>
  );
}
