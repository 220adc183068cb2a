import { isolated } from "@/lib/domain/text/visible-text";

/** The links to identity providers, which work without a script. `apart` separates them from what is above. */
export function ProviderLinks(props: {
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  readonly returnPath?: string;
  readonly pass?: string;
  readonly apart?: boolean;
}) {
  const query = new URLSearchParams();
  if (props.returnPath && props.returnPath !== "/") query.set("return", props.returnPath);
  if (props.pass) query.set("pass", props.pass);
  const search = query.size > 0 ? `?${query}` : "";
  return (
    <ul className={`grid gap-2 ${props.apart ? "border-t border-line pt-5" : ""}`}>
      {props.providers.map(({ id, name }) => (
        <li key={id}>
          <a className="button button-named w-full" href={`/api/auth/signin/${id}${search}`}>
            {props.pass ? `Continue to ${isolated(name)}` : `Sign in with ${isolated(name)}`}
          </a>
        </li>
      ))}
    </ul>
  );
}
