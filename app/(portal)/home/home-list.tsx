import { Rows, Section } from "@/components/ui/section";

/** A list of Home under its heading, with a link to all of it. `none` is shown if there are no rows. */
export function HomeList(props: {
  readonly id: string;
  readonly title: string;
  readonly all: { readonly href: string; readonly label: string } | null;
  readonly none?: React.ReactNode;
  readonly children: readonly React.ReactNode[];
}) {
  const { all, children } = props;
  return (
    <Section
      id={props.id}
      title={props.title}
      aside={
        all ? (
          <a href={all.href} className="tap">
            {all.label}
          </a>
        ) : null
      }
    >
      {children.length === 0 ? props.none : <Rows>{children}</Rows>}
    </Section>
  );
}
