import { Icon } from "@/components/ui/icon";
import { LongText, Sentence } from "@/components/ui/name";
import type { ItemOutcome } from "@/lib/web/form-outcome";

/** An item of a list, by name. */
export interface Named {
  readonly id: string;
  readonly name: string;
  /** Additional information. */
  readonly note?: string;
}

/** A list of items that are handled together. Outcomes are shown in text, with an icon and a colour. */
export function OutcomeList(props: {
  label: string;
  rows: readonly Named[];
  /** In the order of the rows; undefined for a row without an outcome, null for none at all. */
  items: readonly (ItemOutcome | undefined)[] | null;
  /** A short note stands beside the name where it fits, so that the fields below stay in sight. */
  notesBeside?: boolean;
}) {
  return (
    <ul
      aria-label={props.label}
      className="grid max-h-[45dvh] divide-y divide-line overflow-y-auto rounded-lg border border-line"
    >
      {props.rows.map((row, index) => (
        <li key={row.id} className="px-3 py-2 wrap-anywhere">
          <span className={props.notesBeside ? "flex flex-wrap justify-between gap-x-3" : "contents"}>
            <span className="font-semibold">
              <Sentence of={row.name} />
            </span>
            {row.note ? (
              <span className="line-clamp-3 text-muted">
                <LongText of={row.note} />
              </span>
            ) : null}
          </span>
          <Outcome item={props.items?.[index]} />
        </li>
      ))}
    </ul>
  );
}

function Outcome({ item }: { item: ItemOutcome | undefined }) {
  if (!item) return null;
  return (
    <span className={`mt-0.5 flex items-start gap-1.5 ${item.ok ? "text-success" : "text-danger"}`}>
      {item.ok ? (
        <Icon name="circle-check" label="Yes" size={16} className="mt-0.5 shrink-0" />
      ) : (
        <Icon name="circle-x" label="No" size={16} className="mt-0.5 shrink-0" />
      )}
      <span>
        <Sentence of={item.message} />
        {item.links?.map(({ href, label }) => (
          <a key={href} href={href} className="tap ml-2">
            <Sentence of={label} />
          </a>
        ))}
      </span>
    </span>
  );
}
