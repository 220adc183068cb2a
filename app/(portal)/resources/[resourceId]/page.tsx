import type { Metadata } from "next";
import Link from "next/link";
import { trailTo } from "@/components/resources/resource-trail";
import { PageHeader } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { childrenOf } from "@/lib/queries/resource-tree";
import { resourceOverview } from "@/lib/queries/resources";
import { openResource } from "../open-resource";

export const metadata: Metadata = { title: "Overview" };

function Bars({
  title,
  rows,
}: {
  title: string;
  rows: { label: React.ReactNode; key: string; count: number; note?: string }[];
}) {
  const most = Math.max(1, ...rows.map((row) => row.count));
  return (
    <section className="card">
      <h2 className="mb-3">{title}</h2>
      {rows.length === 0 ? <p className="text-muted">Nothing to show yet.</p> : null}
      <ul className="grid gap-2">
        {rows.map((row) => (
          <li key={row.key} className="grid grid-cols-[9rem_1fr_5.5rem] items-center gap-3">
            <span className="truncate">{row.label}</span>
            <span aria-hidden className="h-2.5 rounded-full bg-sunken">
              <span
                className="block h-full rounded-full bg-accent"
                style={{ width: `${(100 * row.count) / most}%` }}
              />
            </span>
            <span className="text-right tabular-nums">
              {row.count}
              {row.note ? <span className="text-muted"> {row.note}</span> : null}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export default async function OverviewPage({ params }: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, null);
  const base = `/resources/${resource.id}`;
  const description = (
    <>
      <span>{resource.resourceType}</span> · <code>{resource.scope}</code>
    </>
  );
  const { database } = application();
  const parts = await childrenOf(database, await requireCaller(), [resource.id]);
  const children = (parts.get(resource.id)?.nodes ?? []).map((child) => (
    <li key={child.id}>
      <Link href={`/resources/${child.id}`}>{child.displayName}</Link>{" "}
      <span className="text-muted">{child.resourceType}</span>
    </li>
  ));
  const below = (
    <section className="card">
      <h2 className="mb-2">Directly below</h2>
      {children.length ? (
        <ul className="grid gap-1">{children}</ul>
      ) : (
        <p className="text-muted">Nothing lies below this resource.</p>
      )}
    </section>
  );
  if (!resource.may.readAssignments)
    return (
      <>
        <PageHeader title={resource.displayName} trail={trailTo(resource)} description={description} />
        {below}
      </>
    );
  const overview = await resourceOverview(database, resource.id);
  const byRole = new Map<string, number>();
  for (const { roleName, count } of overview.activations)
    byRole.set(roleName, (byRole.get(roleName) ?? 0) + count);
  const total = overview.types.reduce((sum, row) => sum + row.count, 0);
  return (
    <>
      <PageHeader title={resource.displayName} trail={trailTo(resource)} description={description} />
      <div className="grid gap-5 xl:grid-cols-2">
        <Bars
          title="Activations over seven days by role"
          rows={[...byRole].map(([role, count]) => ({ key: role, label: role, count }))}
        />
        <Bars
          title="Assignments by type"
          rows={overview.types.map((row) => ({
            key: row.type,
            label: row.type,
            count: row.count,
            note: `${Math.round((100 * row.count) / Math.max(1, total))} %`,
          }))}
        />
        <section className="card">
          <h2>New assignments in 30 days</h2>
          <p className="mt-2 text-3xl font-semibold tabular-nums">{overview.newAssignments}</p>
        </section>
        <Bars
          title="Roles by number of assignments"
          rows={overview.roles.map((row) => ({
            key: row.id,
            count: row.count,
            label: resource.may.readRoleDefinitions ? (
              <Link href={`${base}/roles/${row.id}`}>{row.roleName}</Link>
            ) : (
              row.roleName
            ),
          }))}
        />
        {below}
      </div>
    </>
  );
}
