import { visible, visibleLines, visibleSentence } from "@/lib/domain/visible-text";

/**
 * A name of anything (a person, group, role, resource, file, ticket) within a page: isolated, so that it cannot turn
 * the text around it, and with what would not be seen written out.
 */
export function Name(props: { readonly of: string | null | undefined; readonly className?: string }) {
  return props.of ? <bdi className={props.className}>{visible(props.of)}</bdi> : null;
}

/** A text that somebody wrote, of one line or several: a reason, a description. */
export function LongText({ of }: { readonly of: string | null | undefined }) {
  return of ? <bdi className="whitespace-pre-line">{visibleLines(of)}</bdi> : null;
}

/** A sentence of ours with names in it, which stand isolated there (`isolated`, `principalText`). */
export function Sentence({ of }: { readonly of: string | null | undefined }) {
  return of ? visibleSentence(of) : null;
}
