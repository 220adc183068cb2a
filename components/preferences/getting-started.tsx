import { Fragment } from "react";
import { TestMail } from "@/components/preferences/test-mail";
import { Icon } from "@/components/ui/icon";
import { Name } from "@/components/ui/name";
import { Row, Rows, Section } from "@/components/ui/section";
import {
  gettingStartedSteps,
  labelOfStep,
  mostUndecided,
  placeOfStep,
  type UndecidedRole,
} from "@/lib/domain/preferences/getting-started";
import type { GettingStarted } from "@/lib/queries/preferences/getting-started";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** **Getting started**: the steps to an installation that an organisation can use, each ticked once it is true. */
export function GettingStartedCard(props: {
  state: GettingStarted;
  sendTest: (form: FormData) => Promise<FormOutcome>;
  dismiss: (form: FormData) => Promise<void>;
}) {
  const { rootId, imported, undecided, steps } = props.state;
  const done = steps.filter((step) => step.done).length;
  const others = steps.some(({ name, done }) => name === "people" && done);
  return (
    <Section
      id="getting-started-heading"
      title="Getting started"
      className="mb-6"
      aside={
        <form action={props.dismiss} className="flex items-baseline gap-2">
          <span className="text-muted">
            {done} of {steps.length} done
          </span>
          <button type="submit" className="button button-quiet">
            Dismiss
          </button>
        </form>
      }
    >
      <Rows label="Getting started">
        {steps.map(({ name, done }) => {
          const { title, about } = gettingStartedSteps[name];
          const label = labelOfStep(name, { imported, others });
          const place = placeOfStep(name, { rootId, imported, others, undecided });
          return (
            <Row
              key={name}
              end={
                done ? null : name === "mail" ? (
                  <TestMail label={label ?? title} submit={props.sendTest} />
                ) : place && label ? (
                  <a className="button" href={place} aria-label={`${label}: ${title}`}>
                    {label}
                  </a>
                ) : null
              }
            >
              <span className="flex items-start gap-2.5">
                <Icon
                  name={done ? "circle-check" : "circle-dashed"}
                  className={done ? "mt-0.5 shrink-0 text-success" : "mt-0.5 shrink-0 text-muted"}
                />
                <span className="min-w-0">
                  {done ? title : <strong>{title}</strong>}
                  {done ? (
                    <span className="sr-only">, done</span>
                  ) : (
                    <span className="block text-muted">
                      {about}
                      {name === "assigningRoles" ? <Undecided roles={undecided} /> : null}
                    </span>
                  )}
                </span>
              </span>
            </Row>
          );
        })}
      </Rows>
    </Section>
  );
}

/** The roles whose settings nobody has decided yet. */
function Undecided({ roles }: { roles: readonly UndecidedRole[] }) {
  const named = roles.slice(0, mostUndecided);
  return (
    <span className="block">
      {"Still at their defaults: "}
      {named.map(({ id, roleName }, index) => (
        <Fragment key={id}>
          {index > 0 ? ", " : null}
          <Name of={roleName} />
        </Fragment>
      ))}
      {roles.length > named.length ? " and more." : "."}
    </span>
  );
}
