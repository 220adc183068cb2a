import { LinkTabs, SearchForm } from "@/components/ui/page-parts";

/** The roles of a resource: those in use or edited there, or all; and a search of all. */
export function RolesSearch(props: { action: string; search: string; used: boolean }) {
  const { action, search, used } = props;
  return (
    <>
      <LinkTabs
        label="Roles"
        tabs={[
          { href: action, label: "In use or edited here", current: used },
          { href: `${action}?show=all`, label: search ? "All roles, searched" : "All roles", current: !used },
        ]}
      />
      <SearchForm action={action} value={search} label="Search roles" />
    </>
  );
}
