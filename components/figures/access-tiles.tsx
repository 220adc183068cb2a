import { FigureTile } from "@/components/figures/figure-tile";
import type { AccessFilter } from "@/lib/domain/assignments/access-filter";
import { type AccessFigures, changeInWords } from "@/lib/domain/figures/access-figures";
import { accessAddress } from "@/lib/web/access-address";

/** The figures at the top of an overview, each with a link to its list. */
export function AccessTiles(props: {
  figures: AccessFigures;
  place: Pick<AccessFilter, "resourceId" | "below">;
}) {
  const { figures, place } = props;
  const { Eligible, Assigned, Activated } = figures.states;
  const weekAgo = figures.standing.at(-2);
  const sinceThen = (now: number, then: number | undefined) =>
    then === undefined ? {} : { note: changeInWords(now, then, "a week ago") };
  const pending = new URLSearchParams(
    place.resourceId ? { resource: place.resourceId, ...(place.below ? { below: "1" } : {}) } : {},
  ).toString();
  return (
    <div className="@container mb-5">
      <div className="figure-tiles grid grid-cols-2 gap-3 @2xl:grid-cols-3 @6xl:grid-cols-6">
        <FigureTile
          label="Eligible"
          value={Eligible}
          {...sinceThen(Eligible, weekAgo?.eligible)}
          href={accessAddress({ ...place, state: "Eligible" })}
        />
        <FigureTile
          label="Active, activated"
          value={Activated}
          {...sinceThen(Activated, weekAgo?.activated)}
          href={accessAddress({ ...place, state: "Activated" })}
        />
        <FigureTile
          label="Active, assigned"
          value={Assigned}
          {...sinceThen(Assigned, weekAgo?.assigned)}
          href={accessAddress({ ...place, state: "Assigned" })}
        />
        <FigureTile
          label="New assignments in 30 days"
          value={figures.newAssignments}
          note={changeInWords(figures.newAssignments, figures.newAssignmentsBefore, "in the 30 days before")}
          href={accessAddress({ ...place, when: "any", createdWithinDays: 30 })}
        />
        <FigureTile
          label="Expiring in 14 days"
          value={figures.endingSoon}
          href={accessAddress({ ...place, endsWithinDays: 14 })}
        />
        <FigureTile
          label="Pending requests"
          value={figures.pendingRequests}
          href={pending ? `/assignments/pending?${pending}` : "/assignments/pending"}
        />
      </div>
    </div>
  );
}
