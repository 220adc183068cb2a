import { AccessList, type ListedAccess, Until } from "@/components/resources/access-list";
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
        list={given.map(listed)}
        people={people}
      />
      {closed.length > 0 ? (
        <AccessList
          id="closed"
          title="Access that stays closed"
          none=""
          list={closed.map(listed)}
          people={people}
        />
      ) : null}
    </>
  );
}

const listed = ({ access, staysClosed }: RestorePreview["rows"][number]): ListedAccess => ({
  ...access,
  verb: access.type === "Eligible" ? "eligible for" : "active in",
  placeName: access.resourceName,
  end: staysClosed ?? <Until endsAt={access.endsAt} />,
});
