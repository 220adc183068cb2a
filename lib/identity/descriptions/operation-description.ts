/** An operation in words, as shown where the code is typed. Times are ISO 8601 in UTC, for the page to localise. */
export interface OperationDescription {
  readonly title: string;
  /** Several of one kind are on lines of their own. */
  readonly details: readonly { readonly label: string; readonly value: string }[];
}
