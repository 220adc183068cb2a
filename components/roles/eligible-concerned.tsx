import type { EligiblePeople } from "@/lib/queries/assignments/people-without-resistant";

/** How many of those who are eligible could not activate where only phishing-resistant factors are accepted. */
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
