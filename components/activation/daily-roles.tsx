import { ActivateButton } from "@/components/activation/activate-button";
import type { ActivationActions } from "@/components/activation/activation-panel";
import { FavouriteButton, RaiseFavouriteButton } from "@/components/activation/favourite-button";
import { EndTaken, type TakenActions } from "@/components/activation/role-actions";
import { canActivate, RoleState } from "@/components/activation/role-state";
import { RoleAt } from "@/components/ui/role-at";
import { Rows } from "@/components/ui/section";
import { isolated } from "@/lib/domain/text/visible-text";
import { hoursInWords } from "@/lib/domain/time/schedule";
import type { DailyRole } from "@/lib/queries/activation/daily-roles";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** Favourites, then recently activated roles. Each offers to repeat the last activation with one click and one code. */
export function DailyRoles(props: {
  roles: readonly DailyRole[];
  hasFactor: boolean;
  actions: ActivationActions;
  ends: TakenActions;
  keep: (form: FormData) => Promise<FormOutcome>;
  raise: (form: FormData) => Promise<FormOutcome>;
}) {
  return (
    <Rows>
      {props.roles.map((role, index) => {
        const subject = `${isolated(role.roleName)} on ${isolated(role.resourceName)}`;
        const { roleDefinitionId, resourceId } = role;
        return (
          <li
            key={`${roleDefinitionId} ${resourceId}`}
            className="flex min-h-14 flex-wrap items-center gap-x-2 gap-y-1 py-2.5 pr-4 pl-1.5"
          >
            <FavouriteButton
              roleDefinitionId={roleDefinitionId}
              resourceId={resourceId}
              subject={subject}
              favourite={role.favourite}
              submit={props.keep}
            />
            <div className="min-w-0 flex-1 basis-48">
              <p>
                <RoleAt {...role} href={`/resources/${resourceId}`} linkClass="touch:py-3" />
              </p>
              {role.lastTime ? (
                <p className="line-clamp-2 text-muted">
                  Last time {hoursInWords(role.lastTime.durationMinutes / 60)}
                  {role.lastTime.justification ? `: ${isolated(role.lastTime.justification)}` : ""}
                </p>
              ) : null}
            </div>
            <span className="ml-auto flex flex-wrap items-center justify-end gap-1">
              {role.favourite && index > 0 ? (
                <RaiseFavouriteButton
                  roleDefinitionId={roleDefinitionId}
                  resourceId={resourceId}
                  subject={subject}
                  submit={props.raise}
                />
              ) : null}
              <RoleState taken={role.taken} now={role.now} />
              {role.taken ? (
                <EndTaken role={{ ...role, id: role.eligibilityId }} actions={props.ends} />
              ) : null}
              {canActivate(role.taken) ? (
                <ActivateButton
                  eligibilityId={role.eligibilityId}
                  roleName={role.roleName}
                  resourceName={role.resourceName}
                  resourceId={resourceId}
                  hasFactor={props.hasFactor}
                  lastTime={role.lastTime ?? undefined}
                  {...props.actions}
                />
              ) : null}
            </span>
          </li>
        );
      })}
    </Rows>
  );
}
