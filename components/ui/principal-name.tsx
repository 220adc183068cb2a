import { Breaking, Name } from "@/components/ui/name";
import {
  formerText,
  identifierOf,
  type PrincipalIdentity,
  shortIdentifierOf,
} from "@/lib/domain/people/principal-identity";
import { visible } from "@/lib/domain/text/visible-text";

export interface PrincipalNameProps {
  readonly of: PrincipalIdentity;
  /** The principal's page; undefined if there is none to open. */
  readonly href?: string | undefined;
  /** For use in a sentence, with the address in brackets. Otherwise the address is on a second line. */
  readonly inline?: boolean;
  /** Shown after it, such as recent former names. */
  readonly after?: React.ReactNode;
  readonly className?: string;
}

/** How many characters are never cut off. */
const seen = { name: 24, identifier: 34 } as const;

/**
 * A principal by name, and by what the principal did not choose: the email of a user, the kind and id of a
 * group or service principal. The title shows text that is cut off.
 */
export function PrincipalName(props: PrincipalNameProps) {
  const { of: principal, inline = false } = props;
  const changes = formerText(principal);
  const [name, identifier] = [visible(principal.displayName), identifierOf(principal)];
  const whole = !changes && name.length <= seen.name && identifier.length <= seen.identifier;
  const title = whole ? undefined : [name, identifier, changes].filter(Boolean).join("\n");
  const classes = [inline ? "" : "principal", props.className];
  const words = inline ? <Inline of={principal} /> : <Stacked of={principal} />;
  return (
    <span className={classes.filter(Boolean).join(" ") || undefined} title={title}>
      {props.href ? <a href={props.href}>{words}</a> : words}
      {props.after ? <> {props.after}</> : null}
    </span>
  );
}

function Inline({ of: principal }: { of: PrincipalIdentity }) {
  return (
    <>
      <Name of={principal.displayName} />{" "}
      <bdi className="font-normal text-muted">
        (<Identifier of={principal} />)
      </bdi>
    </>
  );
}

function Stacked({ of: principal }: { of: PrincipalIdentity }) {
  return (
    <>
      <Name of={principal.displayName} />{" "}
      <bdi>
        <Identifier of={principal} />
      </bdi>
    </>
  );
}

/** An email that needs to wrap breaks before its domain. */
function Identifier({ of: principal }: { of: PrincipalIdentity }) {
  return <Breaking text={shortIdentifierOf(principal)} />;
}

/** Several principals in a sentence, separated by commas. */
export function PrincipalNames({ of: principals }: { readonly of: readonly PrincipalIdentity[] }) {
  return principals.map((principal, index) => (
    <span key={principal.id}>
      {index > 0 ? ", " : ""}
      <PrincipalName of={principal} inline />
    </span>
  ));
}
