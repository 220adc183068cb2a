/** A field of the sign-in and set-up forms. They work without scripts, and so without the fields of other forms. */
export function SignInField({
  label,
  name,
  ...input
}: { readonly label: string; readonly name: string } & React.InputHTMLAttributes<HTMLInputElement>) {
  return (
    <div>
      <label className="label" htmlFor={name}>
        {label}
      </label>
      <input className="input" id={name} name={name} required {...input} />
    </div>
  );
}

/** What is wrong with the input of such a form, and its button. */
export function SignInEnd({ message, pending }: { message: string | null; pending: boolean }) {
  return (
    <>
      {message ? (
        <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
          {message}
        </p>
      ) : null}
      <button type="submit" className="button button-primary" aria-busy={pending}>
        Sign in
      </button>
    </>
  );
}
