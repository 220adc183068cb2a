import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { Row, Rows } from "@/components/ui/section";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { ExceptionToDecide } from "@/lib/queries/roles/exceptions-to-decide";

/** Exceptions from conflict rules that the reader may approve or deny, each with a link to its rule. */
export function ExceptionsToDecide({ exceptions }: { readonly exceptions: readonly ExceptionToDecide[] }) {
  return (
    <Rows label="Exceptions to decide">
      {exceptions.map((each) => (
        <Row
          key={each.id}
          long
          end={
            <a
              className="button"
              href={`/resources/${each.resourceId}/conflicting-roles/${each.ruleId}`}
              aria-label={`Decide: exception from ${isolated(each.ruleName)} for ${principalText(each.principal)}`}
            >
              Decide
            </a>
          }
        >
          <span className="flex items-start gap-2.5">
            <Icon name="scale" className="mt-0.5 shrink-0 text-muted" />
            <span className="min-w-0">
              <PrincipalName of={each.principal} inline />: exception from{" "}
              <strong>
                <Name of={each.ruleName} />
              </strong>{" "}
              on <Name of={each.resourceName} />
              <span className="block text-muted">
                Until <Moment value={each.endsAt} />, asked for by <PrincipalName of={each.askedBy} inline />.{" "}
                <LongText of={each.justification} />
              </span>
            </span>
          </span>
        </Row>
      ))}
    </Rows>
  );
}
