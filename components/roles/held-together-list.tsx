import { type Cell, DataTable } from "@/components/ui/lists/data-table";
import { visible } from "@/lib/domain/text/visible-text";
import { formatIn } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { HeldTogether } from "@/lib/queries/roles/conflict-rules";

/** The people who hold a role of each set, with links to where one of the two can be removed. */
export function HeldTogetherList(props: {
  found: readonly HeldTogether[];
  most: number;
  times: ReaderTimes;
}) {
  const { found, most, times } = props;
  if (found.length === 0) return <p className="text-muted">Nobody holds both.</p>;
  const role = (held: HeldTogether["first"]): Cell => ({
    text: visible(held.roleName),
    href: `/resources/${held.resourceId}/roles/${held.roleId}`,
    note: `on ${visible(held.resourceName)}${held.through === null ? "" : ` through ${visible(held.through)}`}${
      held.endsAt === null ? "" : `, until ${formatIn(times).moment(new Date(held.endsAt))}`
    }`,
  });
  return (
    <>
      <p className="mb-2 text-muted">
        They held both before the rule or by an exception, or came to by a change outside it. Remove one of
        the two roles where it is assigned, or request an exception.
      </p>
      <DataTable
        label="Who holds both"
        head={["Person", "Role", "Conflicts with", "Exception"]}
        total={{ count: found.length, most, one: "pair of roles", many: "pairs of roles" }}
        pages={{ first: null, previous: null, next: null }}
        rows={found
          .slice(0, most)
          .map((each, index) => [
            `${each.person.id} ${index}`,
            { who: each.person },
            role(each.first),
            role(each.second),
            each.exceptedUntil === null
              ? { text: "None", quiet: true }
              : { text: `Until ${formatIn(times).moment(new Date(each.exceptedUntil))}` },
          ])}
      />
    </>
  );
}
