import { EmptyState } from "@/components/ui/page-parts";

/** An empty list of roles, with a link to all of them. */
export function RolesMissing({ base, filter }: { base: string; filter: { search: string; used: boolean } }) {
  const all = `${base}?show=all`;
  return filter.search ? (
    <EmptyState title="No roles">
      No role matches “{filter.search}”. <a href={all}>See all roles</a>
    </EmptyState>
  ) : (
    <EmptyState title="No role is in use here">
      Nobody holds or may activate a role here, and no role settings were edited.{" "}
      <a href={all}>See all roles</a>
    </EmptyState>
  );
}
