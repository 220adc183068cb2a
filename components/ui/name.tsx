import { visible, visibleLines } from "@/lib/domain/visible-text";

/**
 * A name of anything (a person, group, role, resource, file, ticket) within a page: isolated, so that it cannot turn
 * the text around it, and with what would not be seen written out.
 */
export function Name({ of, className }: { readonly of: string; readonly className?: string }) {
  return <bdi className={className}>{visible(of)}</bdi>;
}

/** A text that somebody wrote, of one line or several: a reason, a description. */
export function LongText({ of, className = "" }: { readonly of: string; readonly className?: string }) {
  return <bdi className={`whitespace-pre-line ${className}`}>{visibleLines(of)}</bdi>;
}
