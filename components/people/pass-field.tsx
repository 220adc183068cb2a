import { TextField } from "@/components/ui/forms/field";

export interface PassNeeded {
  /** The set-up address counts as the pass of the first Owner. */
  readonly bySetUp: boolean;
}

/** The one-time pass with which a first factor is enrolled. */
export function PassField({ bySetUp }: PassNeeded) {
  return (
    <TextField
      label="One-time pass"
      name="pass"
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={2000}
      hint={
        bySetUp
          ? "For you, the first Owner, it is the set-up address that Postern printed at its start; paste all of it. If that is over, npm run owner-pass makes one on the server."
          : "An administrator makes one for you. A password alone sets up no factor."
      }
    />
  );
}
