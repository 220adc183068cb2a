import type { SelectableRequest } from "@/components/requests/decision-selection";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { formerText, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import { inReadersZone } from "@/lib/domain/time/moment-format";
import { hoursInWords } from "@/lib/domain/time/schedule";
import type { RequestToDecide } from "@/lib/queries/requests/approvals";

/** A request as the dialog that decides it shows it, with times in the reader's zone. */
export function selectableOf(row: RequestToDecide, timeZone: string): SelectableRequest {
  return {
    id: row.id,
    title: `${isolated(row.roleName)} on ${isolated(row.resourceName)} for ${principalText(row.member)}`,
    former: inReadersZone(formerText(row.member), timeZone),
    reason: row.justification ?? "No reason was given.",
    requiresStepUp: row.requiresStepUp,
  };
}

/** Who asks for what, why, for how long and until when it waits, in three lines. */
export function RequestLine({ of: row }: { of: RequestToDecide }) {
  return (
    <>
      <strong>
        <PrincipalName of={row.member} inline former />
      </strong>{" "}
      asks for{" "}
      <strong>
        <Name of={row.roleName} />
      </strong>{" "}
      on <Name of={row.resourceName} />
      <span className="block text-muted">
        <span className="block">
          <LongText of={row.justification ?? "No reason was given."} />
        </span>
        {hoursInWords(row.durationMinutes / 60)}
        {row.startsAt ? (
          <>
            {" "}
            from <Moment value={row.startsAt} />
          </>
        ) : null}
        . Times out <Moment value={row.expiresAt} />
      </span>
    </>
  );
}
