import { Name } from "@/components/ui/name";

/** A role at a resource, as in a sentence. `href` is the address of the resource. */
export function RoleAt(props: {
  readonly roleName: string | null | undefined;
  readonly resourceName: string | null | undefined;
  readonly href?: string;
  /** A larger target on touch screens. */
  readonly linkClass?: string;
}) {
  const resource = <Name of={props.resourceName} />;
  return (
    <>
      <strong>
        <Name of={props.roleName} />
      </strong>{" "}
      on{" "}
      {props.href ? (
        <a href={props.href} className={props.linkClass}>
          {resource}
        </a>
      ) : (
        resource
      )}
    </>
  );
}
