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

interface Around {
  /** Null if counting would cost more than the page. */
  readonly total?: Total | null;
  readonly pages: PageLinks;
  /** Shown at the end of the line above the list, such as an export. */
  readonly aside?: React.ReactNode;
  readonly children: React.ReactNode;
}

/** A list: how many rows it has, the rows of this page (`children`), and links to the neighbouring pages. */
export function ListFrame(props: Around) {
  return (
    <>
      {props.total || props.aside ? (
        <div className="list-line">
          <p className="text-muted">{props.total ? totalInWords(props.total) : null}</p>
          {props.aside}
        </div>
      ) : null}
      {props.children}
      <Pager {...props.pages} />
    </>
  );
}

/** A list as a table whose head stays in sight. `children` are its rows. */
export function TableFrame({
  label,
  head,
  children,
  ...around
}: Around & Pick<React.ComponentProps<typeof TableRegion>, "label" | "head">) {
  return (
    <ListFrame {...around}>
      <TableRegion label={label} head={head}>
        {children}
      </TableRegion>
    </ListFrame>
  );
}
