import { FavouriteLinks } from "@/components/resources/favourite-links";
import { Section } from "@/components/ui/section";
import type { FoundResource } from "@/lib/queries/resources/find-resources";
import { typesInWords } from "../resources/types-in-words";

const shownAtMost = 12;

/** The resources that the reader starred. */
export async function FavouritePlaces({ resources }: { resources: readonly FoundResource[] }) {
  if (resources.length === 0) return null;
  return (
    <Section
      id="favourite-places-heading"
      title="Favourite resources"
      aside={
        <a href="/resources" className="tap">
          {resources.length > shownAtMost ? "See all" : "Resources"}
        </a>
      }
    >
      <FavouriteLinks resources={resources.slice(0, shownAtMost)} types={await typesInWords()} />
    </Section>
  );
}
