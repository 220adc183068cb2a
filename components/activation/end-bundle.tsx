import { ConfirmButton } from "@/components/ui/confirm-button";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Bundle } from "@/lib/queries/preferences/bundles";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** How many roles are named. The rest is counted. */
const namedAtMost = 5;

/** The roles of a bundle that its owner activated and holds now. */
export function activatedIn({ roles }: Bundle) {
  return roles.flatMap(({ taken, ...role }) =>
    taken?.state === "Active" && taken.activated ? [{ ...role, assignmentId: taken.assignmentId }] : [],
  );
}

/** Whether everything in a bundle is active, so that there is nothing to activate. */
export function isAllActive({ roles }: Bundle): boolean {
  return roles.every(({ taken }) => taken?.state === "Active");
}

/** **Deactivate** for the roles of a bundle that its owner activated. */
export function EndBundle(props: {
  bundle: Bundle;
  deactivateSeveral: (form: FormData) => Promise<FormOutcome>;
}) {
  const { name } = props.bundle;
  const held = activatedIn(props.bundle);
  const one = held.length === 1;
  return (
    <ConfirmButton
      label="Deactivate"
      subject={isolated(name)}
      title={`Deactivate ${isolated(name)}?`}
      description={`You lose ${rolesInWords(held, namedAtMost)} immediately. You can activate ${one ? "it" : "them"} again while you are eligible.`}
      submit={props.deactivateSeveral}
      fields={{ assignmentIds: held.map(({ assignmentId }) => assignmentId).join(",") }}
    />
  );
}

/** "Contributor on Production, Reader on Shared and 2 more". */
export function rolesInWords(
  roles: readonly { readonly roleName: string; readonly resourceName: string }[],
  most: number,
): string {
  const names = roles
    .slice(0, most)
    .map(({ roleName, resourceName }) => `${isolated(roleName)} on ${isolated(resourceName)}`);
  const more = roles.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
