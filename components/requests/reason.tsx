import { LongText } from "@/components/ui/name";
/** Why somebody asks, in their own words. */
export function Reason({ text }: { text: string | null }) {
  return (
    <blockquote className="border-l-2 border-accent pl-3 whitespace-pre-line wrap-anywhere">
      {text === null ? <span className="text-muted">No reason was given.</span> : <LongText of={text} />}
    </blockquote>
  );
}
