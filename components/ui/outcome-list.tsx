import { Icon } from "@/components/ui/icon";
import { LongText, Sentence } from "@/components/ui/name";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { ItemOutcome } from "@/lib/web/form-outcome";

/** Two lines hold at least this many characters. */
const cutFrom = 60;

/** An item of a list, by name. */
export interface Named {
  readonly id: string;
  readonly name: string;
  /** Additional information. */
  readonly note?: string;
  /** The name in parts, the most distinctive first. Each has a line, and of a long one the first two lines are shown. */
  readonly parts?: readonly string[];
}

/** A list of items that are handled together. Outcomes are shown as text, with an icon and a colour. */
export function OutcomeList(props: {
  label: string;
  rows: readonly Named[];
  /** In the order of the rows; undefined for a row without an outcome, null for none at all. */
  items: readonly (ItemOutcome | undefined)[] | null;
  /** A short note is shown beside the name if it fits, so that the fields below stay in sight. */
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
            {row.parts ? (
              <Parts of={row.parts} />
            ) : (
              <span className="font-semibold">
                <Sentence of={row.name} />
              </span>
            )}
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

function Parts({ of: parts }: { of: readonly string[] }) {
  return parts.map((part, index) => (
    <span
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one name, which never move.
      key={index}
      title={part.length > cutFrom ? visibleSentence(part) : undefined}
      className={`line-clamp-2 ${index === 0 ? "font-semibold" : "text-muted"}`}
    >
      <Sentence of={part} />
    </span>
  ));
}

function Outcome({ item }: { item: ItemOutcome | undefined }) {
  if (!item) return null;
  return (
    <>
      <Verdict item={item} />
      {item.notes?.map((note) => (
        <span key={note} className="mt-0.5 flex items-start gap-1.5 text-warning">
          <Icon name="triangle-alert" label="Note" size={16} className="mt-0.5 shrink-0" />
          <span>
            <Sentence of={note} />
          </span>
        </span>
      ))}
    </>
  );
}

function Verdict({ item }: { item: ItemOutcome }) {
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
