import {
  AccessList,
  type ListedAccess,
  More,
  mostShown,
  type People,
  Until,
  Who,
} from "@/components/resources/access-list";
import { Name } from "@/components/ui/name";
import { Row, Rows, Section } from "@/components/ui/section";
import { visible } from "@/lib/domain/text/visible-text";
import type { MovePreview } from "@/lib/queries/resources/move-preview";

type Facts = MovePreview["facts"];
/** Everything that a move would change. */
export function MoveLists(props: {
  resource: { readonly displayName: string; readonly scope: string };
  to: { readonly displayName: string };
  scope: string;
  facts: Facts;
  people: People;
}) {
  const { resource, to, scope, facts, people } = props;
  const gained = facts.access.filter((each) => each.gained);
  const lost = facts.access.filter((each) => !each.gained);
  const begin = facts.rules.filter((each) => each.begins);
  const cease = facts.rules.filter((each) => !each.begins);
  const below = facts.resources - 1;
  return (
    <>
      <Section id="place" title="Place and path">
        <div className="card">
          <p>
            <Name of={resource.displayName} />{" "}
            {below === 0 ? "" : `with ${below} ${below === 1 ? "resource" : "resources"} below it `}
            goes below <Name of={to.displayName} />.
          </p>
          <p className="mt-1 wrap-anywhere">
            {scope === resource.scope ? (
              <>
                Its path stays <code>{visible(scope)}</code>.
              </>
            ) : (
              <>
                <code>{visible(resource.scope)}</code> becomes <code>{visible(scope)}</code>. Files and
                programs that use the old path no longer find it.
              </>
            )}
          </p>
        </div>
      </Section>
      <AccessList
        id="gained"
        title="Access that is gained"
        none="Nobody gets access by this move."
        list={gained.map(listed)}
        people={people}
      />
      <AccessList
        id="lost"
        title="Access that is lost"
        none="Nobody loses access by this move."
        list={lost.map(listed)}
        people={people}
      />
      {facts.ended.length > 0 ? (
        <Section id="ended" title={`Ends at once (${facts.ended.length})`}>
          <p className="mb-2 text-muted">
            It is based on an eligibility above. Anyone still eligible there can activate again, under the
            settings of the new place.
          </p>
          <Rows label="Ends at once">
            {facts.ended.slice(0, mostShown).map((each) => (
              <Row key={each.id}>
                <Who id={each.principalId} people={people} />{" "}
                <span className="text-muted">
                  {each.kind === "Activation" ? "has activated" : "waits for"} <Name of={each.roleName} /> on{" "}
                  <Name of={each.resourceName} />
                </span>
              </Row>
            ))}
          </Rows>
          <More of={facts.ended.length} />
        </Section>
      ) : null}
      {begin.length + cease.length > 0 ? (
        <Section id="rules" title="Rules that judge it">
          <Rows label="Rules that judge it">
            {[...begin, ...cease].slice(0, mostShown).map((each) => (
              <Row key={`${each.kind} ${each.name} ${each.placeId}`}>
                <strong>{each.begins ? "From now on" : "No longer"}</strong>{" "}
                {each.kind === "Settings" ? "the settings of " : "the conflict rule "}
                <Name of={each.name} /> at <Name of={each.placeName} />
              </Row>
            ))}
          </Rows>
          <More of={facts.rules.length} />
        </Section>
      ) : null}
    </>
  );
}

const listed = (each: Facts["access"][number]): ListedAccess => ({
  ...each,
  verb: each.access === "Eligible" ? "eligible for" : each.activated ? "activated" : "active in",
  end: <Until endsAt={each.endsAt} />,
});
