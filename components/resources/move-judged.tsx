import { More, mostShown } from "@/components/resources/access-list";
import { Name, Sentence } from "@/components/ui/name";
import { Row, Rows, Section } from "@/components/ui/section";
import { alertSentence } from "@/lib/domain/alerts/alert-sentence";
import { alertDescriptions } from "@/lib/domain/alerts/alerts";
import { principalText } from "@/lib/domain/people/principal-identity";
import { mostAlertsOfMove } from "@/lib/domain/resources/move";
import { isolated } from "@/lib/domain/text/visible-text";
import type { MovePreview, WeakerRole } from "@/lib/queries/resources/move-preview";
import { linkToException } from "@/lib/web/refusal-outcome";

/** The conflicts that prevent a resource from being moved, each with what can be done about it. */
export function MoveConflicts({ conflicts, exceptions }: Pick<MovePreview, "conflicts" | "exceptions">) {
  return (
    <Section id="conflicts" title={`Conflicting roles (${conflicts.length})`}>
      <p className="mb-2">
        It cannot be moved there, because somebody would then hold roles together that a rule keeps apart.
        Remove one of the two roles, or request an exception from the rule.
      </p>
      <Rows label="Conflicting roles">
        {conflicts.slice(0, mostShown).map((sentence) => (
          <Row key={sentence} long>
            <Sentence of={sentence} />
          </Row>
        ))}
      </Rows>
      <More of={conflicts.length} />
      {exceptions.length > 0 ? (
        <p className="mt-2 flex flex-wrap gap-x-4">
          {exceptions.map(linkToException).map(({ href, label }) => (
            <a key={href} href={href} className="tap wrap-anywhere">
              <Sentence of={label} />
            </a>
          ))}
        </p>
      ) : null}
    </Section>
  );
}

/** What else a move changes about how access is judged and watched: settings that weaken, and alerts that open. */
export function MoveJudged({ facts, alerts, weakerRoles }: Omit<MovePreview, "conflicts" | "exceptions">) {
  const { stricter, opening } = facts.alerts;
  return (
    <>
      {facts.weakerSettings.length > 0 ? (
        <Section id="weaker" title={`Role settings that become weaker (${facts.weakerSettings.length})`}>
          <p className="mb-2 text-muted">
            These roles are easier to get at the new place than at its current place, and people who have them
            there also have them on it and below.
          </p>
          <Rows label="Role settings that become weaker">
            {weakerRoles.map((each) => (
              <Row key={each.roleName} long>
                <Weaker role={each} />
              </Row>
            ))}
          </Rows>
          <More of={facts.weakerSettings.length} />
        </Section>
      ) : null}
      {stricter.length > 0 ? (
        <Section id="alerts" title={opening.length > 0 ? `Alerts that open (${counted(opening)})` : "Alerts"}>
          <p className="mb-2 text-muted">
            The alert settings of the new place count then, unless it or what lies below has its own.
          </p>
          <Rows label="Alerts">
            {stricter.map(({ kind, before, after }) => (
              <Row key={kind} end={<span className="text-muted">{`${before} → ${after}`}</span>}>
                {alertDescriptions[kind].title}: <span className="text-muted">raised more often</span>
              </Row>
            ))}
            {alerts?.map((each) => (
              <Row key={`${each.kind} ${each.resourceId} ${each.subject}`} long>
                <strong>Opens</strong>{" "}
                <Sentence
                  of={alertSentence(each.kind, each.details, {
                    principal: each.principal && principalText(each.principal),
                    role: each.roleName && isolated(each.roleName),
                    resource: isolated(each.resourceName),
                  })}
                />
              </Row>
            ))}
          </Rows>
          {alerts === null && opening.length > 0 ? (
            <p className="mt-2 text-muted">You may not read alerts there, so they are only counted.</p>
          ) : (
            <More of={opening.length} />
          )}
        </Section>
      ) : null}
    </>
  );
}

/** How many alerts open. If there are more of a kind than are counted, it says so. */
function counted(opening: MovePreview["facts"]["alerts"]["opening"]): string {
  const kinds = new Map<string, number>();
  for (const { kind } of opening) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return `${opening.length}${[...kinds.values()].some((each) => each > mostAlertsOfMove) ? "+" : ""}`;
}

function Weaker({ role: { roleName, changes } }: { role: WeakerRole }) {
  return (
    <>
      <strong>
        <Name of={roleName} />
      </strong>
      {changes === null ? (
        <p className="text-muted">You may not read its settings at both places.</p>
      ) : (
        <ul>
          {changes.map(({ label, before, after }) => (
            <li key={label} className="text-muted">
              <Sentence of={`${label}: ${before === null ? "" : `${before} → `}${after ?? "–"}`} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
