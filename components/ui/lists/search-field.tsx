import { Icon } from "@/components/ui/icon";

/** The field of a search, with its button. */
export function SearchField(props: {
  readonly label: string;
  readonly value: string;
  /** Shown between the field and the button, such as another field. */
  readonly children?: React.ReactNode;
}) {
  return (
    <div className="search-field">
      <label>
        <span className="sr-only">{props.label}</span>
        <Icon name="search" className="search-icon" />
        {/* The key resets the field for another search, so that it always shows the filter in use. */}
        <input
          key={props.value}
          className="input"
          type="search"
          name="search"
          defaultValue={props.value}
          placeholder={props.label}
        />
      </label>
      {props.children}
      <button type="submit" className="button">
        Search
      </button>
    </div>
  );
}
