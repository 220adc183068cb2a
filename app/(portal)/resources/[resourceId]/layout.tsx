import { EligibleBanner } from "@/components/activation/eligible-banner";
import { PaneLink } from "@/components/shell/pane-link";
import { Icon } from "@/components/ui/icon";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { administratorEligibilities, hasFactor } from "@/lib/queries/activation/my-roles";
import { requireCaller } from "@/lib/web/request";
import { activate, prepareActivation, searchActivationScopes } from "../../my-roles/actions";
import { openResource } from "../open-resource";

export default async function ResourceLayout({
  children,
  params,
}: {
  children: React.ReactNode;
  params: Promise<{ resourceId: string }>;
}) {
  const { resourceId } = await params;
  const caller = await requireCaller();
  const resource = await openResource(resourceId, null);
  const { database } = application();
  const roles = resource.administers ? [] : await administratorEligibilities(database, caller, resourceId);
  const factor = roles.length > 0 && (await hasFactor(database, caller));
  const base = `/resources/${resource.id}`;
  const { may } = resource;
  return (
    <>
      <EligibleBanner
        roles={roles}
        hasFactor={factor}
        actions={{ activate, prepare: prepareActivation, searchScopes: searchActivationScopes }}
      />
      <div className="grid gap-4 xl:grid-cols-[12.5rem_minmax(0,1fr)] xl:gap-6">
        <nav
          aria-label={`Of ${isolated(resource.displayName)}`}
          className="flex gap-0.5 overflow-x-auto sm:flex-wrap xl:grid xl:content-start"
        >
          <PaneLink href={base} exact label="Overview">
            <Icon name="layout-dashboard" size={16} />
          </PaneLink>
          <PaneLink href={`${base}/roles`} label="Roles" enabled={may.readRoleDefinitions}>
            <Icon name="users" size={16} />
          </PaneLink>
          <PaneLink href={`${base}/settings`} label="Role settings" enabled={may.readRoleSettings}>
            <Icon name="sliders-horizontal" size={16} />
          </PaneLink>
          <PaneLink href={`${base}/assignments`} label="Assignments" enabled={may.readAssignments}>
            <Icon name="clipboard-list" size={16} />
          </PaneLink>
          <PaneLink href={`${base}/check-access`} label="Check access" enabled={may.readAssignments}>
            <Icon name="user-search" size={16} />
          </PaneLink>
          <PaneLink href={`${base}/alerts`} label="Alerts" enabled={may.readAlerts}>
            <Icon name="bell-ring" size={16} />
          </PaneLink>
          <PaneLink href={`${base}/access-reviews`} label="Access reviews" enabled={may.readAssignments}>
            <Icon name="clipboard-check" size={16} />
          </PaneLink>
          <PaneLink href={`${base}/audit`} label="Audit" enabled={may.readAudit}>
            <Icon name="file-clock" size={16} />
          </PaneLink>
        </nav>
        <div className="min-w-0">{children}</div>
      </div>
    </>
  );
}
