import {
  type MissingFactor,
  type PeopleWithout,
  peopleWithoutAddress,
} from "@/lib/domain/people/missing-factor";

/** How many people a rule would affect, with a link to them. Empty if it was not counted. */
export function Concerned(props: {
  counts: PeopleWithout | null;
  missing: MissingFactor;
  /** What they have, as the end of "N people have …". */
  having: string;
  /** The text if there are none. */
  nobody: string;
}) {
  const { counts, missing, having, nobody } = props;
  if (counts === null) return null;
  const count = counts[missing];
  if (count === 0) return <p className="text-muted">{nobody}</p>;
  const who = count === 1 ? "1 person has" : `${count} people have`;
  return (
    <p className="text-muted">
      {who} {having}. <a href={peopleWithoutAddress(missing)}>Show who</a>
    </p>
  );
}
