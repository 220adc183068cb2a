import { SearchForm } from "@/components/ui/page-parts";
import { decisionWords, outcomeWords, reviewOutcomes } from "@/lib/domain/access-reviews/access-review-words";
import { reviewDecisions } from "@/lib/domain/access-reviews/review-item";

/** Searches the items of a review, and filters them by decision or by result. */
export function ItemFilterForm(props: {
  readonly action: string;
  readonly filter: { readonly search: string; readonly show: string | null };
  readonly outcomes: boolean;
}) {
  return (
    <SearchForm action={props.action} value={props.filter.search} label="Search members and roles">
      <label>
        <span className="label">Show</span>
        <select className="input" name="show" defaultValue={props.filter.show ?? ""}>
          <option value="">Everything</option>
          <option value="NoAnswer">Without an answer</option>
          {reviewDecisions.map((each) => (
            <option key={each} value={each}>
              {decisionWords[each]}
            </option>
          ))}
          {props.outcomes
            ? reviewOutcomes.map((each) => (
                <option key={each} value={each}>
                  {outcomeWords[each]}
                </option>
              ))
            : null}
        </select>
      </label>
    </SearchForm>
  );
}
