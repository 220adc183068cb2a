import { ActivateButton } from "@/components/activation/activate-button";
import type { ActivationActions } from "@/components/activation/activation-panel";
import { canActivate, RoleState } from "@/components/activation/role-state";
import { Icon } from "@/components/ui/icon";
import { Name } from "@/components/ui/name";
import type { EligibleRow } from "@/lib/queries/activation/my-roles";

/**
 * **You have eligible roles that can be activated**, with **Activate** for the first of them. If all are active
 * or waiting, it says what they wait for.
 */
export function EligibleBanner(props: {
  roles: readonly EligibleRow[];
  hasFactor: boolean;
  actions: ActivationActions;
}) {
  const free = props.roles.filter((role) => canActivate(role.taken));
  if (free.length === 0) return <WaitingBanner roles={props.roles} />;
  return (
    <section aria-label="Eligible roles" className="banner mb-5">
      <p className="flex grow items-start gap-2.5 font-semibold">
        <Icon name="key-round" size={18} className="mt-0.5 shrink-0" />
        You have eligible roles that can be activated
      </p>
      {free.slice(0, 1).map((role) => (
        <span
          key={role.id}
          className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2 max-sm:grow"
        >
          <span>
            <Name of={role.roleName} /> on <Name of={role.resourceName} />
          </span>
          <ActivateButton
            eligibilityId={role.id}
            roleName={role.roleName}
            resourceName={role.resourceName}
            resourceId={role.resourceId}
            hasFactor={props.hasFactor}
            primary
            {...props.actions}
          />
        </span>
      ))}
    </section>
  );
}

/** Roles that the person has requested, and what they wait for. */
function WaitingBanner({ roles }: { roles: readonly EligibleRow[] }) {
  const waiting = roles.filter((role) => role.taken?.state === "Waiting");
  if (waiting.length === 0) return null;
  return (
    <section aria-label="Requested roles" className="banner mb-5">
      {waiting.slice(0, 1).map((role) => (
        <p key={role.id} className="flex grow flex-wrap items-center gap-x-3 gap-y-1">
          <span>
            <Name of={role.roleName} /> on <Name of={role.resourceName} />
          </span>
          <RoleState taken={role.taken} now={role.now} />
        </p>
      ))}
      <a className="button" href="/my-requests?show=waiting">
        My waiting requests
      </a>
    </section>
  );
}
