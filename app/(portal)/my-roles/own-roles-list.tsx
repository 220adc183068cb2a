import { TableFrame } from "@/components/ui/lists/list-frame";
import { EmptyState, SearchForm } from "@/components/ui/page-parts";
import type { OwnRolesFilter } from "@/lib/queries/activation/my-roles";

/** A list of the caller's own roles (`children` are its rows), with its search, its pages and its empty state. */
export function OwnRolesList(props: {
  tab: "eligible" | "active" | "expired";
  label: string;
  head: readonly string[];
  filter: OwnRolesFilter;
  /** The number of rows on this page. */
  count: number;
  next: string | null;
  empty: { title: string; hint: string };
  /** Wraps the list, and stays when nothing is found. */
  around?: (list: React.ReactNode) => React.ReactNode;
  children: React.ReactNode;
}) {
  const { tab, filter, count, next } = props;
  const address = (parameters: Record<string, string>) =>
    `/my-roles?${new URLSearchParams({ tab, ...parameters })}`;
  const search: Record<string, string> = filter.search ? { search: filter.search } : {};
  const { around = (list) => list } = props;
  const narrowed = filter.search !== "" || filter.after !== "";
  return (
    <>
      {count > 1 || narrowed ? (
        <SearchForm
          action="/my-roles"
          value={filter.search}
          label="Search roles and resources"
          hidden={{ tab }}
        />
      ) : null}
      {around(
        count > 0 ? (
          <TableFrame
            label={props.label}
            head={props.head}
            // For a list with more pages the number is not known.
            total={next || filter.after ? null : { count, most: count, one: "role", many: "roles" }}
            pages={{
              first: filter.after ? address(search) : null,
              previous: null,
              next: next ? address({ ...search, after: next }) : null,
            }}
          >
            {props.children}
          </TableFrame>
        ) : narrowed ? (
          <EmptyState title="Nothing found">
            No role matches this search. <a href={address({})}>Show all roles</a>
          </EmptyState>
        ) : (
          <EmptyState title={props.empty.title}>{props.empty.hint}</EmptyState>
        ),
      )}
    </>
  );
}
