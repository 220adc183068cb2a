import { ExtendButton } from "@/components/activation/extend-button";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { Countdown } from "@/components/ui/countdown";
import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { RoleAt } from "@/components/ui/role-at";
import { Row } from "@/components/ui/section";
import { isolated } from "@/lib/domain/text/visible-text";
import type { activeNow } from "@/lib/queries/activation/active-now";
import { deactivate, extend, prepareExtension, readExtension } from "../my-roles/actions";
import { HomeList } from "./home-list";

/** The roles that the reader holds now, with the time left, the reason, **Extend** and **Deactivate**. */
export function ActiveNow({
  held,
  hasFactor,
}: {
  held: Awaited<ReturnType<typeof activeNow>>;
  hasFactor: boolean;
}) {
  return (
    <HomeList
      id="active-heading"
      title="Active now"
      all={
        held.rows.length > 0
          ? { href: "/my-roles?tab=active", label: held.more ? "All active roles" : "Active roles" }
          : null
      }
      none={<p className="card p-4 text-muted">No role is active. Activate one when you need it.</p>}
    >
      {held.rows.map((row) => (
        <Row
          key={row.id}
          end={
            <>
              {row.endsAt ? (
                <span className={`badge ${row.activated ? "badge-accent" : ""}`}>
                  {row.activated ? (
                    <Countdown endsAt={row.endsAt.toISOString()} now={row.now.toISOString()} />
                  ) : (
                    <>
                      Until <Moment value={row.endsAt} />
                    </>
                  )}
                </span>
              ) : (
                <span className="badge">Permanent</span>
              )}
              {row.activated && row.own && !row.extensionWaits ? (
                <ExtendButton
                  assignmentId={row.id}
                  roleName={row.roleName}
                  resourceName={row.resourceName}
                  hasFactor={hasFactor}
                  {...{ extend, prepareExtension, readExtension }}
                />
              ) : null}
              {row.activated && row.own ? (
                <ConfirmButton
                  label="Deactivate"
                  subject={`${isolated(row.roleName)} on ${isolated(row.resourceName)}`}
                  confirmLabel="Deactivate"
                  title={`Deactivate ${isolated(row.roleName)}?`}
                  description={`You lose ${isolated(row.roleName)} on ${isolated(row.resourceName)} immediately. You can activate it again while you are eligible.`}
                  submit={deactivate}
                  fields={{ assignmentId: row.id }}
                />
              ) : null}
            </>
          }
        >
          <RoleAt {...row} href={`/resources/${row.resourceId}`} />
          {row.justification ? (
            <span className="line-clamp-2 text-muted">
              <LongText of={row.justification} />
            </span>
          ) : null}
        </Row>
      ))}
    </HomeList>
  );
}
