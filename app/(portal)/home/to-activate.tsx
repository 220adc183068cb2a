import { DailyRoles } from "@/components/activation/daily-roles";
import { ActivateRole, EndTaken } from "@/components/activation/role-actions";
import { RoleState } from "@/components/activation/role-state";
import { EmptyState } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { RoleAt } from "@/components/ui/role-at";
import { Row, Section } from "@/components/ui/section";
import type { DailyRole } from "@/lib/queries/activation/daily-roles";
import type { EligibleRow } from "@/lib/queries/activation/my-roles";
import type { Bundle } from "@/lib/queries/preferences/bundles";
import { cancel } from "../my-requests/actions";
import {
  activate,
  deactivate,
  keepFavourite,
  moveFavouriteUp,
  prepareActivation,
  searchActivationScopes,
} from "../my-roles/actions";
import { HomeList } from "./home-list";
import { OwnBundles } from "./own-bundles";

const actions = { activate, prepare: prepareActivation, searchScopes: searchActivationScopes };
const ends = { deactivate, cancelRequest: cancel };
const listedAtMost = 8;

/** What the reader can activate: bundles, favourites and recent roles, then the others. */
export function ToActivate(props: {
  bundles: readonly Bundle[];
  daily: readonly DailyRole[];
  /** Eligible roles that are neither active nor among the daily ones. */
  others: readonly EligibleRow[];
  hasFactor: boolean;
}) {
  const { daily, others, hasFactor } = props;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-6">
      <OwnBundles bundles={props.bundles} hasFactor={hasFactor} />
      {daily.length > 0 ? (
        <Section id="daily-heading" title="Favourites and recent">
          <DailyRoles
            roles={daily}
            hasFactor={hasFactor}
            actions={actions}
            ends={ends}
            keep={keepFavourite}
            raise={moveFavouriteUp}
          />
        </Section>
      ) : null}
      {others.length > 0 || daily.length === 0 ? (
        <HomeList
          id="eligible-heading"
          title={daily.length > 0 ? "Other roles you can activate" : "Roles you can activate"}
          all={
            others.length > 0
              ? { href: "/my-roles", label: "See all eligible roles, or activate several" }
              : null
          }
          none={
            <EmptyState title="Nothing to activate">
              When an administrator makes you eligible for a role, it is listed here.
            </EmptyState>
          }
        >
          {others.slice(0, listedAtMost).map((row) => (
            <Row
              key={row.id}
              end={
                <>
                  <RoleState taken={row.taken} now={row.now} />
                  <EndTaken role={row} actions={ends} />
                  <ActivateRole role={row} hasFactor={hasFactor} {...actions} />
                </>
              }
            >
              <RoleAt {...row} href={`/resources/${row.resourceId}`} />
              {row.group ? (
                <span className="text-muted">
                  {" "}
                  through <PrincipalName of={row.group} inline />
                </span>
              ) : null}
            </Row>
          ))}
        </HomeList>
      ) : null}
    </div>
  );
}
