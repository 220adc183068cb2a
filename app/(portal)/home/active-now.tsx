import Link from "next/link";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { Countdown } from "@/components/ui/countdown";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { Row, Rows, Section } from "@/components/ui/section";
import { isolated } from "@/lib/domain/text/visible-text";
import type { activeNow } from "@/lib/queries/activation/active-now";
import { deactivate } from "../my-roles/actions";

/** The roles that the reader holds now, with the time left, the reason and **Deactivate**. */
export function ActiveNow({ held }: { held: Awaited<ReturnType<typeof activeNow>> }) {
  return (
    <Section
      id="active-heading"
      title="Active now"
      aside={
        held.rows.length > 0 ? (
          <Link href="/my-roles?tab=active" className="tap">
            {held.more ? "All active roles" : "Active roles"}
          </Link>
        ) : null
      }
    >
      {held.rows.length === 0 ? (
        <p className="card py-4 text-muted">No role is active. Activate one when you need it.</p>
      ) : (
        <Rows>
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
              <strong>
                <Name of={row.roleName} />
              </strong>{" "}
              on{" "}
              <Link href={`/resources/${row.resourceId}`}>
                <Name of={row.resourceName} />
              </Link>
              {row.justification ? (
                <span className="line-clamp-2 text-muted">
                  <LongText of={row.justification} />
                </span>
              ) : null}
            </Row>
          ))}
        </Rows>
      )}
    </Section>
  );
}
