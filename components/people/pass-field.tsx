import { TextField } from "@/components/ui/forms/field";
import { isolated } from "@/lib/domain/text/visible-text";

export interface PassNeeded {
  /** The set-up address counts as the pass of the first Owner. */
  readonly bySetUp: boolean;
  /** The providers whose second factor is accepted instead, each with the address that leads there and back. */
  readonly instead?: readonly { readonly name: string; readonly href: string }[];
}

/** The one-time pass with which a first factor is enrolled. */
export function PassField({ bySetUp, instead = [] }: PassNeeded) {
  return (
    <>
      <TextField
        label="One-time pass"
        name="pass"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={2000}
        hint={
          bySetUp
            ? "If you are the first Owner, paste the whole set-up address that Postern printed when it started. If that has expired, run npm run owner-pass on the server."
            : "An administrator makes one for you. A password alone sets up no factor."
        }
      />
      {instead.length > 0 ? (
        <div className="grid justify-items-start gap-2">
          <p className="text-muted">Without a pass, sign in once more with a second factor:</p>
          {instead.map(({ name, href }) => (
            <a key={href} className="button button-named" href={href}>
              Sign in again with {isolated(name)}
            </a>
          ))}
        </div>
      ) : null}
    </>
  );
}
