import { Sentence } from "@/components/ui/name";

/** What is wrong with a field, below it. Empty if nothing is. */
export function ErrorText({ id, of }: { readonly id?: string; readonly of: string | null | undefined }) {
  return of ? (
    <p id={id} className="error-text">
      <Sentence of={of} />
    </p>
  ) : null;
}
