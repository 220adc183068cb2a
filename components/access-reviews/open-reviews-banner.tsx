import Link from "next/link";
import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import type { AskedOfMe } from "@/lib/queries/access-reviews/access-review-items";

/**
 * A banner for access reviews that wait for the reader's answers. The one that ends first comes first. Renders nothing
 * when there are none.
 */
export function OpenReviewsBanner({ reviews }: { reviews: readonly AskedOfMe[] }) {
  const waiting = reviews.filter((review) => review.decided < review.items);
  const [first] = waiting;
  if (!first) return null;
  return (
    <p className="banner mb-5">
      <Icon name="clipboard-check" size={18} />
      <span className="grow basis-60">
        You are asked to review access:{" "}
        <strong>{waiting.length === 1 ? <Name of={first.name} /> : `${waiting.length} reviews`}</strong>,{" "}
        {waiting.length === 1 ? `${first.items - first.decided} to answer, ` : "the first "}until{" "}
        <Moment value={first.endsAt} />.
      </span>
      <Link
        className="button"
        href={waiting.length === 1 ? `/access-reviews/${first.id}` : "/access-reviews"}
      >
        Review access
      </Link>
    </p>
  );
}
