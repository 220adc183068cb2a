import { CircleCheck, CircleX } from "lucide-react";
import type { ItemOutcome } from "@/lib/domain/form-outcome";

/** One of several things, as a list names it. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Each of several things with what will become of it, or did: in text, with an icon and a colour. */
export function OutcomeList(props: {
  label: string;
  rows: readonly Named[];
  /** In the order of the rows. */
  items: readonly ItemOutcome[];
}) {
  return (
    <ul
      aria-label={props.label}
      className="grid max-h-[45dvh] divide-y divide-line overflow-y-auto rounded-lg border border-line"
    >
      {props.rows.map((row, index) => {
        const item = props.items[index];
        return item ? (
          <li key={row.id} className="px-3 py-2">
            <span className="font-semibold">{row.name}</span>
            <span className={`mt-0.5 flex items-start gap-1.5 ${item.ok ? "text-success" : "text-danger"}`}>
              {item.ok ? (
                <CircleCheck aria-label="Yes" size={16} className="mt-0.5 shrink-0" />
              ) : (
                <CircleX aria-label="No" size={16} className="mt-0.5 shrink-0" />
              )}
              {item.message}
            </span>
          </li>
        ) : null;
      })}
    </ul>
  );
}
