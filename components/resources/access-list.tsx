import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { Row, Rows, Section } from "@/components/ui/section";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";

export type People = ReadonlyMap<string, PrincipalIdentity>;

/** How many rows of a list are shown. */
export const mostShown = 100;

/** Access or a request of somebody, in a list of what a move, a retirement or its undoing does. */
export interface ListedAccess {
  readonly id: string;
  readonly principalId: string;
  /** How they have it, such as "eligible for". */
  readonly verb: string;
  readonly roleName: string;
  readonly placeName: string;
  /** Until when, or why not. */
  readonly end: React.ReactNode;
}

/** A section with a list of access, and how many there are. `none` is shown if there are none. */
export function AccessList(props: {
  readonly id: string;
  readonly title: string;
  readonly none: string;
  readonly list: readonly ListedAccess[];
  readonly people: People;
}) {
  const { id, title, none, list, people } = props;
  return (
    <Section id={id} title={list.length > 0 ? `${title} (${list.length})` : title}>
      {list.length === 0 ? (
        <p className="text-muted">{none}</p>
      ) : (
        <>
          <Rows label={title}>
            {list.slice(0, mostShown).map((each) => (
              <Row key={each.id} end={each.end ? <span className="text-muted">{each.end}</span> : null}>
                <Who id={each.principalId} people={people} />{" "}
                <span className="text-muted">
                  {each.verb} <Name of={each.roleName} /> on <Name of={each.placeName} />
                </span>
              </Row>
            ))}
          </Rows>
          <More of={list.length} />
        </>
      )}
    </Section>
  );
}

/** When access ends. */
export function Until({ endsAt }: { readonly endsAt: Date | null }) {
  if (!endsAt) return "permanent";
  return (
    <>
      until <Moment value={endsAt} />
    </>
  );
}

/** A person by name, if known. */
export function Who({ id, people }: { readonly id: string; readonly people: People }) {
  const who = people.get(id);
  return who ? <PrincipalName of={who} inline /> : <span>{isolated("Somebody")}</span>;
}

/** How many more there are than a list shows. */
export function More({ of }: { readonly of: number }) {
  return of > mostShown ? <p className="mt-2 text-muted">And {of - mostShown} more.</p> : null;
}
