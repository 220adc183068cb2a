import { counted } from "@/lib/domain/text/number-format";

/** A figure with its label, which links to the list behind it. */
export function FigureTile(props: { label: string; value: number; note?: string; href: string }) {
  return (
    <a href={props.href} className="figure-tile">
      <span className="text-muted">{props.label}</span>
      <span className="text-2xl leading-tight font-semibold tabular-nums">{counted(props.value)}</span>
      {props.note ? <span className="text-muted">{props.note}</span> : null}
    </a>
  );
}
