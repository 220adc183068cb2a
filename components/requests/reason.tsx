import { LongText } from "@/components/ui/name";
/** The requestor's reason. */
export function Reason({ text }: { text: string | null }) {
  return (
    <blockquote className="border-l-2 border-edge pl-3 whitespace-pre-line wrap-anywhere">
      {text === null ? <span className="text-muted">No reason was given.</span> : <LongText of={text} />}
    </blockquote>
  );
}
