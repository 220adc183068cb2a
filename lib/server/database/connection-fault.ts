/** Why a database could not be reached, in one line. If several addresses were tried, the error of the first one. */
export function connectionFault(error: unknown): string {
  const { message, errors, code } = error as {
    readonly message?: string;
    readonly errors?: readonly { readonly message?: string }[];
    readonly code?: string;
  };
  return String(message || errors?.[0]?.message || code);
}
