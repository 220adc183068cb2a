import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import type { IdentityLink } from "@/lib/queries/people/identity-links";

const why = {
  Directory: "Linked by a directory. It signs in, and confirms nothing.",
  Administrator:
    "Linked by an administrator, beside a second factor. It signs in, and confirms nothing until its person links it too.",
} as const;

/** Links to identity providers, each with when it was last used, and what can be done about it. */
export function IdentityLinkList(props: {
  readonly links: readonly IdentityLink[];
  readonly nameOf: (issuer: string) => string;
  readonly action: (link: IdentityLink) => React.ReactNode;
}) {
  return (
    <ul className="grid gap-3">
      {props.links.map((link) => (
        <li
          key={link.id}
          className="flex flex-wrap items-center gap-3 border-t border-line pt-3 first:border-0 first:pt-0"
        >
          <p className="grow basis-40 wrap-anywhere">
            <strong>
              <Name of={props.nameOf(link.issuer)} />
            </strong>
            <span className="block">
              <Name of={link.address ?? link.subject} />
            </span>
            <span className="block text-muted">
              {link.lastUsedAt ? (
                <>
                  Last used <Moment value={link.lastUsedAt} />
                </>
              ) : (
                <>
                  Linked <Moment value={link.createdAt} />, not used yet
                </>
              )}
            </span>
            {link.unconfirming ? <span className="block text-muted">{why[link.unconfirming]}</span> : null}
          </p>
          {props.action(link)}
        </li>
      ))}
    </ul>
  );
}
