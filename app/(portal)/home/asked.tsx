import Link from "next/link";
import { StatusBadge } from "@/components/requests/status-badge";
import { Name } from "@/components/ui/name";
import { Row, Rows, Section } from "@/components/ui/section";
import type { RequestRow } from "@/lib/queries/requests/requests";

/** The reader's own requests that wait for somebody else, or for their start. */
export function Asked({ rows }: { rows: readonly RequestRow[] }) {
  if (rows.length === 0) return null;
  return (
    <Section
      id="asked-heading"
      title="My pending requests"
      aside={
        <Link href="/my-requests?show=waiting" className="tap">
          See all
        </Link>
      }
    >
      <Rows>
        {rows.map((row) => (
          <Row key={row.id} end={<StatusBadge status={row.status} own />}>
            <strong>
              <Name of={row.roleName} />
            </strong>{" "}
            on <Name of={row.resourceName} />
          </Row>
        ))}
      </Rows>
    </Section>
  );
}
