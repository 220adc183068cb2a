import { visible, visibleLines, visibleSentence } from "@/lib/domain/text/visible-text";

/**
 * A name of a person, group, role, resource, file or ticket. It is isolated, so that it cannot reorder the text around
 * it, and invisible characters are written out.
 */
export function Name(props: { readonly of: string | null | undefined; readonly className?: string }) {
  return props.of ? <bdi className={props.className}>{visible(props.of)}</bdi> : null;
}

/** A text of one or several lines, such as a reason or a description. */
export function LongText({ of }: { readonly of: string | null | undefined }) {
  return of ? <bdi className="whitespace-pre-line">{visibleLines(of)}</bdi> : null;
}

/** A sentence of the interface with isolated names in it (`isolated`, `principalText`). */
export function Sentence({ of }: { readonly of: string | null | undefined }) {
  return of ? visibleSentence(of) : null;
}
