import { BundleButton } from "@/components/activation/bundle-button";
import { activatedIn, EndBundle, isAllActive, rolesInWords } from "@/components/activation/end-bundle";
import { Name, Sentence } from "@/components/ui/name";
import { Row } from "@/components/ui/section";
import type { Bundle } from "@/lib/queries/preferences/bundles";
import { activateSeveral, deactivateSeveral, prepareSeveral, readSeveral } from "../my-roles/actions";
import { readBundle } from "../my-roles/bundles/actions";
import { HomeList } from "./home-list";

const activation = { activateSeveral, prepareSeveral, readSeveral, readBundle };
const listedAtMost = 5;
const namedAtMost = 3;

/** The reader's bundles. Empty if there are none. */
export function OwnBundles({ bundles, hasFactor }: { bundles: readonly Bundle[]; hasFactor: boolean }) {
  if (bundles.length === 0) return null;
  return (
    <HomeList
      id="bundles-heading"
      title="Bundles"
      all={{
        href: "/my-roles?tab=bundles",
        label: bundles.length > listedAtMost ? "See all bundles" : "Edit bundles",
      }}
    >
      {bundles.slice(0, listedAtMost).map((bundle) => (
        <Row
          key={bundle.id}
          end={
            <>
              <ActiveOf bundle={bundle} />
              {activatedIn(bundle).length > 0 ? (
                <EndBundle bundle={bundle} deactivateSeveral={deactivateSeveral} />
              ) : null}
              {isAllActive(bundle) ? null : (
                <BundleButton bundleId={bundle.id} name={bundle.name} hasFactor={hasFactor} {...activation} />
              )}
            </>
          }
        >
          <strong>
            <Name of={bundle.name} />
          </strong>
          <span className="line-clamp-2 text-muted">
            <Sentence of={rolesInWords(bundle.roles, namedAtMost)} />
          </span>
        </Row>
      ))}
    </HomeList>
  );
}

/** How much of a bundle is active; empty if nothing is. */
function ActiveOf({ bundle: { roles } }: { bundle: Bundle }) {
  const active = roles.filter(({ taken }) => taken?.state === "Active").length;
  if (active === 0) return null;
  return (
    <span className="badge badge-accent">
      {active === roles.length ? "✓ Active" : `${active} of ${roles.length} active`}
    </span>
  );
}
