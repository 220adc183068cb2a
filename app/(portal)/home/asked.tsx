import { StatusBadge } from "@/components/requests/status-badge";
import { RoleAt } from "@/components/ui/role-at";
import { Row } from "@/components/ui/section";
import type { RequestRow } from "@/lib/queries/requests/requests";
import { HomeList } from "./home-list";

/** The reader's own requests that wait for another person, or for their start. */
export function Asked({ rows }: { rows: readonly RequestRow[] }) {
  if (rows.length === 0) return null;
  return (
    <HomeList
      id="asked-heading"
      title="My pending requests"
      all={{ href: "/my-requests?show=waiting", label: "See all" }}
    >
      {rows.map((row) => (
        <Row key={row.id} end={<StatusBadge status={row.status} own />}>
          <RoleAt {...row} />
        </Row>
      ))}
    </HomeList>
  );
}
