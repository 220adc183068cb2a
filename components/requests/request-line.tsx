import type { SelectableRequest } from "@/components/requests/decision";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { RoleAt } from "@/components/ui/role-at";
import { formerText, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import { inReadersZone } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import { hoursInWords } from "@/lib/domain/time/schedule";
import type { ExtensionRequest } from "@/lib/queries/assignments/extension-requests";
import type { RequestToDecide } from "@/lib/queries/requests/approvals";

/** A request as the dialog that decides it shows it, with times in the reader's zone. */
export function selectableOf(row: RequestToDecide, times: ReaderTimes): SelectableRequest {
  return {
    id: row.id,
    title: `${row.extends ? "Extend " : ""}${isolated(row.roleName)} on ${isolated(row.resourceName)} for ${principalText(row.member)}`,
    former: inReadersZone(formerText(row.member), times),
    reason: row.justification ?? "No reason was given.",
    requiresStepUp: row.requiresStepUp,
  };
}

/**
 * The requestor, what they request, why, for how long and until when it waits, in three lines. The role links
 * to the request.
 */
export function RequestLine({ of: row }: { of: RequestToDecide }) {
  return (
    <AskedLine of={row} asks={row.extends ? "asks to extend" : "asks for"}>
      {row.extends ? (
        <>
          Until <Moment value={row.extends.endsAt} /> instead of <Moment value={row.extends.presentEnd} />
        </>
      ) : (
        hoursInWords(row.durationMinutes / 60)
      )}
      {row.startsAt ? (
        <>
          {" "}
          from <Moment value={row.startsAt} />
        </>
      ) : null}
      . Times out <Moment value={row.expiresAt} />
    </AskedLine>
  );
}

/** Who asks to extend or renew what, why and until when. */
export function ExtensionLine({ of: row }: { of: ExtensionRequest }) {
  return (
    <AskedLine of={row} asks={row.asked === "Extend" ? "asks to extend" : "asks to renew"}>
      {row.assignmentType}, until <Moment value={row.requestedEnd} />
    </AskedLine>
  );
}

function AskedLine(props: {
  of: Pick<
    RequestToDecide | ExtensionRequest,
    "id" | "member" | "roleName" | "resourceName" | "justification"
  >;
  asks: string;
  children: React.ReactNode;
}) {
  const { of: row } = props;
  return (
    <>
      <strong>
        <PrincipalWithFormer of={row.member} inline />
      </strong>{" "}
      {props.asks}{" "}
      <a href={`/requests/${row.id}`}>
        <RoleAt roleName={row.roleName} resourceName={row.resourceName} />
      </a>
      <span className="block text-muted">
        <span className="block">
          <LongText of={row.justification ?? "No reason was given."} />
        </span>
        {props.children}
      </span>
    </>
  );
}
