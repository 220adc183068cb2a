import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { ActivateButton } from "@/components/activation/activate-button";
import { FavouriteButton } from "@/components/activation/favourite-button";
import { RoleCheckbox, RoleSelection } from "@/components/activation/role-selection";
import { RenewalCell } from "@/components/renewals/renewal-cell";
import { StatusBadge } from "@/components/requests/status-badge";
import { Countdown } from "@/components/time/countdown";
import { Moment } from "@/components/time/moment";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { EmptyState, LinkTabs, PageHeader, TableRegion } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { activeRoles, eligibleRoles, hasFactor } from "@/lib/queries/my-roles";
import { renewalStates } from "@/lib/queries/renewals";
import {
  activate,
  activateSeveral,
  deactivate,
  keepFavourite,
  prepareActivation,
  prepareSeveral,
  readSeveral,
  searchActivationScopes,
} from "./actions";
import { ExpiredRoles } from "./expired-roles";
import { askForMoreTime } from "./renewals/actions";

export const metadata: Metadata = { title: "My roles" };

export default async function MyRolesPage({
  searchParams,
}: {
  searchParams: Promise<{ tab?: string; activate?: string; at?: string; select?: string }>;
}) {
  const caller = await requireCaller();
  const { database } = application();
  const { tab = "eligible", activate: opened, at, select } = await searchParams;
  const factor = await hasFactor(database, caller);
  return (
    <>
      <PageHeader title="My roles" description="What you may activate, what is active, and what has ended." />
      <LinkTabs
        label="My roles"
        tabs={[
          { href: "/my-roles", label: "Eligible roles", current: tab !== "active" && tab !== "expired" },
          { href: "/my-roles?tab=active", label: "Active roles", current: tab === "active" },
          { href: "/my-roles?tab=expired", label: "Expired roles", current: tab === "expired" },
        ]}
      />
      {tab === "active" ? (
        <Active />
      ) : tab === "expired" ? (
        <ExpiredRoles />
      ) : (
        <Eligible
          opened={opened}
          at={z.uuid().safeParse(at).data}
          selected={typeof select === "string" ? select.split(",") : []}
          factor={factor}
        />
      )}
    </>
  );
}

async function Eligible({
  opened,
  at,
  selected,
  factor,
}: {
  opened: string | undefined;
  /** The scope to propose in the panel that is open. */
  at: string | undefined;
  selected: readonly string[];
  factor: boolean;
}) {
  const caller = await requireCaller();
  const { database } = application();
  const [rows, renewals] = await Promise.all([
    eligibleRoles(database, caller),
    renewalStates(database, caller),
  ]);
  if (rows.length === 0)
    return (
      <EmptyState title="No eligible roles">
        When an administrator makes you eligible for a role, it is listed here.
      </EmptyState>
    );
  const roles = rows
    .filter((row) => row.activeUntil === null)
    .map(({ id, resourceId, roleName, resourceName }) => ({
      eligibilityId: id,
      resourceId,
      roleName,
      resourceName,
    }));
  return (
    <RoleSelection
      roles={roles}
      hasFactor={factor}
      initial={selected}
      activateSeveral={activateSeveral}
      prepareSeveral={prepareSeveral}
      readSeveral={readSeveral}
    >
      <TableRegion label="Eligible roles" head={["Role", "Resource", "Membership", "End", "Action"]}>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <span className="flex flex-wrap items-center gap-x-1.5 font-semibold">
                {roles.length < 2 ? null : row.activeUntil === null ? (
                  <RoleCheckbox
                    eligibilityId={row.id}
                    label={`Select ${row.roleName} on ${row.resourceName}`}
                  />
                ) : (
                  <span className="w-4" />
                )}
                <FavouriteButton
                  roleDefinitionId={row.roleDefinitionId}
                  resourceId={row.resourceId}
                  subject={`${row.roleName} on ${row.resourceName}`}
                  favourite={row.favourite}
                  submit={keepFavourite}
                />
                {row.roleName}
                {row.activeUntil ? <span className="badge badge-success">✓ Active</span> : null}
                {row.waiting ? <StatusBadge status="PendingApproval" /> : null}
              </span>
            </td>
            <td>
              <Link href={`/resources/${row.resourceId}`}>{row.resourceName}</Link>
            </td>
            <td>{row.groupName ?? "Direct"}</td>
            <td>
              <Moment value={row.endsAt} />
            </td>
            <td>
              <div className="flex flex-wrap items-center gap-2">
                <ActivateButton
                  key={opened === row.id ? `open ${at}` : "closed"}
                  eligibilityId={row.id}
                  roleName={row.roleName}
                  resourceName={row.resourceName}
                  resourceId={row.resourceId}
                  scopeId={opened === row.id ? at : undefined}
                  hasFactor={factor}
                  open={opened === row.id}
                  activate={activate}
                  prepare={prepareActivation}
                  searchScopes={searchActivationScopes}
                />
                <RenewalCell {...row} state={renewals.get(row.id)} submit={askForMoreTime} />
              </div>
            </td>
          </tr>
        ))}
      </TableRegion>
    </RoleSelection>
  );
}

async function Active() {
  const caller = await requireCaller();
  const { database } = application();
  const [{ now, rows }, renewals] = await Promise.all([
    activeRoles(database, caller),
    renewalStates(database, caller),
  ]);
  if (rows.length === 0)
    return (
      <EmptyState title="No active roles">Activate one of your eligible roles when you need it.</EmptyState>
    );
  return (
    <TableRegion
      label="Active roles"
      head={["Role", "Resource", "STATE", "Start", "End", "Time left", "Action"]}
    >
      {rows.map((row) => (
        <tr key={row.id}>
          <td className="font-semibold">{row.roleName}</td>
          <td>
            <Link href={`/resources/${row.resourceId}`}>{row.resourceName}</Link>
          </td>
          <td>
            <span className={`badge ${row.assignmentType === "Activated" ? "badge-accent" : ""}`}>
              {row.scheduled ? "Scheduled" : row.assignmentType}
            </span>
          </td>
          <td>
            <Moment value={row.startsAt} />
          </td>
          <td>
            <Moment value={row.endsAt} />
          </td>
          <td>
            {row.endsAt && !row.scheduled ? (
              <Countdown endsAt={row.endsAt.toISOString()} now={now.toISOString()} />
            ) : (
              "–"
            )}
          </td>
          <td>
            {row.assignmentType === "Activated" && row.own ? (
              <ConfirmButton
                label={row.scheduled ? "Cancel activation" : "Deactivate"}
                title={
                  row.scheduled ? `Cancel the activation of ${row.roleName}?` : `Deactivate ${row.roleName}?`
                }
                description={
                  row.scheduled
                    ? `${row.roleName} on ${row.resourceName} will not become active at the time you chose. You can activate it again while you are eligible.`
                    : `You give up ${row.roleName} on ${row.resourceName} at once. You can activate it again while you are eligible.`
                }
                submit={deactivate}
                fields={{ assignmentId: row.id }}
              />
            ) : (
              <RenewalCell {...row} state={renewals.get(row.id)} submit={askForMoreTime} />
            )}
          </td>
        </tr>
      ))}
    </TableRegion>
  );
}
