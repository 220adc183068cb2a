import { ActivateButton } from "@/components/activation/activate-button";
import type { ActivationActions } from "@/components/activation/activation-panel";
import { Icon } from "@/components/ui/icon";
import { Name } from "@/components/ui/name";

/** **You have eligible roles that can be activated**, with **Activate** for the first of them. */
export function EligibleBanner(props: {
  roles: readonly { id: string; roleName: string; resourceName: string; resourceId: string }[];
  hasFactor: boolean;
  actions: ActivationActions;
}) {
  if (props.roles.length === 0) return null;
  return (
    <section aria-label="Eligible roles" className="banner mb-5">
      <p className="flex grow items-start gap-2.5 font-semibold">
        <Icon name="key-round" size={18} className="mt-0.5 shrink-0 text-accent" />
        You have eligible roles that can be activated
      </p>
      {props.roles.slice(0, 1).map((role) => (
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
            {...props.actions}
          />
        </span>
      ))}
    </section>
  );
}
