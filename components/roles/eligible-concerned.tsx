import { Sentence } from "@/components/ui/name";
import { isolated } from "@/lib/domain/text/visible-text";
import type { AssigningPeople, EligiblePeople } from "@/lib/queries/assignments/people-without-resistant";

/** How many of the eligible people could not activate if only phishing-resistant factors are accepted. */
export function EligibleConcerned({ people, list }: { people: EligiblePeople; list: string }) {
  const { all, lacking } = people;
  if (all === 0) return <p className="text-muted">Nobody is eligible here.</p>;
  if (lacking === 0)
    return <p className="text-muted">Everybody who is eligible here has a phishing-resistant factor.</p>;
  return (
    <p className="text-muted">
      {lacking} of {all} {all === 1 ? "person" : "people"} eligible here {lacking === 1 ? "has" : "have"} no
      phishing-resistant factor. <a href={list}>Show who</a>
    </p>
  );
}

/** How many of the people who may assign here could not do so if only phishing-resistant factors are accepted. */
export function AssigningConcerned({ people: { all, lacking, names } }: { people: AssigningPeople }) {
  if (all === 0) return null;
  if (lacking === 0)
    return (
      <p className="text-muted">
        Everybody who may assign here, now or after activating, has a phishing-resistant factor.
      </p>
    );
  const more = lacking - names.length;
  const listed = [...names.map(isolated), ...(more > 0 ? [`${more} more`] : [])];
  return (
    <p className="text-muted wrap-anywhere">
      {lacking} of {all} {all === 1 ? "person" : "people"} who may assign here, now or after activating,{" "}
      {lacking === 1 ? "has" : "have"} no phishing-resistant factor: <Sentence of={listed.join(", ")} />.
    </p>
  );
}
