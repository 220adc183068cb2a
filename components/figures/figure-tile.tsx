import { counted } from "@/lib/domain/text/number-format";

/** A figure with its label, which links to the list behind it. Null while it is counted for the first time. */
export function FigureTile(props: { label: string; value: number | null; note?: string; href: string }) {
  const note = props.value === null ? "Being counted" : props.note;
  return (
    <a href={props.href} className="figure-tile">
      <span className="text-muted">{props.label}</span>
      <span className="text-2xl leading-tight font-semibold tabular-nums">
        {props.value === null ? "–" : counted(props.value)}
      </span>
      {note ? <span className="text-muted">{note}</span> : null}
    </a>
  );
}
