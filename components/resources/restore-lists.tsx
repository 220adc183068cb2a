import { More, mostShown, Who } from "@/components/resources/move-lists";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { Row, Rows, Section } from "@/components/ui/section";
import type { RestorePreview } from "@/lib/queries/resources/retire-preview";

/** What undoing a retirement gives again, and what stays closed. */
export function RestoreLists({ rows, people }: Pick<RestorePreview, "rows" | "people">) {
  const given = rows.filter(({ staysClosed }) => staysClosed === null);
  const closed = rows.filter(({ staysClosed }) => staysClosed !== null);
  return (
    <>
      <AccessList
        id="given"
        title="Access that is restored"
        none="None of the closed access is restored."
        rows={given}
        people={people}
      />
      {closed.length > 0 ? (
        <AccessList id="closed" title="Access that stays closed" none="" rows={closed} people={people} />
      ) : null}
    </>
  );
}

function AccessList(
  props: { id: string; title: string; none: string } & Pick<RestorePreview, "rows" | "people">,
) {
  const { id, title, none, rows, people } = props;
  return (
    <Section id={id} title={rows.length > 0 ? `${title} (${rows.length})` : title}>
      {rows.length === 0 ? (
        <p className="text-muted">{none}</p>
      ) : (
        <>
          <Rows label={title}>
            {rows.slice(0, mostShown).map(({ access, staysClosed }) => (
              <Row
                key={access.id}
                end={
                  <span className="text-muted">
                    {staysClosed ??
                      (access.endsAt ? (
                        <>
                          until <Moment value={access.endsAt} />
                        </>
                      ) : (
                        "permanent"
                      ))}
                  </span>
                }
              >
                <Who id={access.principalId} people={people} />{" "}
                <span className="text-muted">
                  {access.type === "Eligible" ? "eligible for" : "active in"} <Name of={access.roleName} /> on{" "}
                  <Name of={access.resourceName} />
                </span>
              </Row>
            ))}
          </Rows>
          <More of={rows.length} />
        </>
      )}
    </Section>
  );
}
