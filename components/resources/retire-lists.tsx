import {
  AccessList,
  type ListedAccess,
  More,
  mostShown,
  type People,
  Until,
} from "@/components/resources/access-list";
import { Name } from "@/components/ui/name";
import { Row, Rows, Section } from "@/components/ui/section";
import { alertDescriptions } from "@/lib/domain/alerts/alerts";
import { undoDays } from "@/lib/domain/resources/retire";
import { visible } from "@/lib/domain/text/visible-text";
import type { RetirePreview } from "@/lib/queries/resources/retire-preview";

type Facts = RetirePreview["facts"];
type Ended = Facts["ended"][number];

/** Everything that retiring a resource would do. */
export function RetireLists(props: {
  resource: { readonly displayName: string; readonly scope: string };
  facts: Facts;
  people: People;
}) {
  const { resource, facts, people } = props;
  const below = facts.resources - 1;
  const of = (...kinds: Ended["kind"][]) => facts.ended.filter(({ kind }) => kinds.includes(kind));
  return (
    <>
      <Section id="what" title="What is retired">
        <div className="card">
          <p>
            <Name of={resource.displayName} />
            {below === 0 ? "" : ` with ${below} ${below === 1 ? "resource" : "resources"} below it`}. Its
            path, <code className="wrap-anywhere">{visible(resource.scope)}</code>, becomes free for another
            resource.
          </p>
          <p className="mt-1 text-muted">
            It can be undone for {undoDays} days. Eligibilities and direct assignments are then restored, as
            far as they may be granted at that time. Activations and requests do not come back.
          </p>
        </div>
      </Section>
      <AccessList
        id="access"
        title="Access that ends"
        none="Nobody has or is eligible for a role on it or below."
        list={of("Active", "Eligible").map(listed)}
        people={people}
      />
      {of("Activation", "Request").length > 0 ? (
        <AccessList
          id="running"
          title="Activations and requests that end"
          none=""
          list={of("Activation", "Request").map(listed)}
          people={people}
        />
      ) : null}
      {facts.ceasing.length > 0 ? (
        <Section id="above" title={`Roles above that no longer reach it (${facts.ceasing.length})`}>
          <Rows label="Roles above that no longer reach it">
            {facts.ceasing.slice(0, mostShown).map((each) => (
              <Row key={`${each.access} ${each.roleDefinitionId} ${each.placeId}`}>
                <Name of={each.roleName} /> on <Name of={each.placeName} />{" "}
                <span className="text-muted">
                  {each.access === "Active" ? "held" : "eligible"} by{" "}
                  {each.holders === 1 ? "one member" : `${each.holders} members`}
                </span>
              </Row>
            ))}
          </Rows>
          <More of={facts.ceasing.length} />
        </Section>
      ) : null}
      {facts.concerned.length > 0 ? (
        <Section id="concerned" title={`Stays there, without effect (${facts.concerned.length})`}>
          <Rows label="Stays there, without effect">
            {facts.concerned.slice(0, mostShown).map((each) => (
              <Row key={`${each.kind} ${each.name} ${each.placeId}`}>
                <Concerned each={each} /> <span className="text-muted">on</span> <Name of={each.placeName} />
              </Row>
            ))}
          </Rows>
          <More of={facts.concerned.length} />
        </Section>
      ) : null}
    </>
  );
}

const verbs: Readonly<Record<Ended["kind"], string>> = {
  Active: "active in",
  Eligible: "eligible for",
  Activation: "has activated",
  Request: "waits for",
};

const listed = (each: Ended): ListedAccess => ({
  ...each,
  verb: verbs[each.kind],
  placeName: each.resourceName,
  end: each.kind === "Request" ? null : <Until endsAt={each.endsAt} />,
});

function Concerned({ each }: { each: Facts["concerned"][number] }) {
  switch (each.kind) {
    case "Settings":
      return (
        <>
          The settings of <Name of={each.name} />
        </>
      );
    case "ConflictRule":
      return (
        <>
          The conflict rule <Name of={each.name} />
        </>
      );
    case "AlertSettings":
      return <>Settings of the alert “{alertDescriptions[each.name].title}”</>;
    case "Alert":
      return <>The open alert “{alertDescriptions[each.name].title}”</>;
    case "Export":
      return <>A scheduled export</>;
    case "Role":
      return (
        <>
          <Name of={each.name} /> can be assigned
        </>
      );
  }
}
