import {
  type MissingFactor,
  type PeopleWithout,
  peopleWithoutAddress,
} from "@/lib/domain/people/missing-factor";

/** How many people a rule would concern, with the way to them. Nothing where it was not counted. */
export function Concerned(props: {
  counts: PeopleWithout | null;
  missing: MissingFactor;
  /** What they have none of, as the end of "N people have no second factor …". */
  that: string;
}) {
  const { counts, missing, that } = props;
  if (counts === null) return null;
  const count = counts[missing];
  if (count === 0) return <p className="text-muted">Everybody has a second factor {that}.</p>;
  const who = count === 1 ? "1 person has" : `${count} people have`;
  return (
    <p className="text-muted">
      {who} no second factor {that}. <a href={peopleWithoutAddress(missing)}>Show who</a>
    </p>
  );
}
