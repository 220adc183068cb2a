import { SearchForm } from "@/components/ui/page-parts";

/** Searches the roles of a resource: all, or only those in use or edited there. */
export function RolesSearch(props: { action: string; search: string; used: boolean }) {
  return (
    <SearchForm action={props.action} value={props.search} label="Search roles">
      <label>
        <span className="label">Show</span>
        <select className="input" name="show" defaultValue={props.used ? "used" : ""}>
          <option value="">Every role</option>
          <option value="used">In use or edited here</option>
        </select>
      </label>
    </SearchForm>
  );
}
