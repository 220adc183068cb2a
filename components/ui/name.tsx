import { Fragment } from "react";
import { visible, visibleLines, visibleSentence } from "@/lib/domain/text/visible-text";

/** Beyond this many characters a name shows only its first lines in a list. */
export const longName = 100;

/**
 * A name of a person, group, role, resource, file or ticket. It is isolated, so that it cannot reorder the text around
 * it, and invisible characters are written out.
 */
export function Name(props: { readonly of: string | null | undefined; readonly className?: string }) {
  if (!props.of) return null;
  const shown = visible(props.of);
  // `undefined` would be sent as a separate word.
  if (shown.length <= longName)
    return props.className ? <bdi className={props.className}>{shown}</bdi> : <bdi>{shown}</bdi>;
  return (
    <bdi className={`long-name ${props.className ?? ""}`} title={shown}>
      {shown}
    </bdi>
  );
}

/** A text of one or several lines, such as a reason or a description. */
export function LongText({ of }: { readonly of: string | null | undefined }) {
  return of ? <bdi className="whitespace-pre-line">{visibleLines(of)}</bdi> : null;
}

/** A sentence of the interface with isolated names in it (`isolated`, `principalText`). */
export function Sentence({ of }: { readonly of: string | null | undefined }) {
  return of ? <Breaking text={visibleSentence(of)} /> : null;
}

/** A text in which addresses that do not fit a line break before their domain. */
export function Breaking({ text }: { readonly text: string }) {
  const [first, ...domains] = text.split(/(?<=[^\s@])(?=@)/);
  return (
    <>
      {first}
      {domains.map((domain, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, which never move.
        <Fragment key={index}>
          <wbr />
          {domain}
        </Fragment>
      ))}
    </>
  );
}
