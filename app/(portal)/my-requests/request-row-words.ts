import { principalText } from "@/lib/domain/people/principal-identity";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import { requestTypeInWords } from "@/lib/domain/requests/request-words";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import type { RequestRow } from "@/lib/queries/requests/requests";

/** The beginning of a reason, as a row shows it. The page of the request shows all of it. */
const longestNote = 160;

const begin = (text: string) =>
  [...text].length > longestNote ? `${[...text].slice(0, longestNote).join("").trimEnd()}…` : text;

/** "Activate Contributor on Contoso Production". */
export function requestInWords(
  row: Pick<RequestRow, "requestType" | "durationMinutes" | "roleName" | "resourceName">,
): string {
  const verb = `${requestTypeInWords(row)}${extendsActivation(row) ? " of" : ""}`;
  return `${verb} ${isolated(row.roleName)} on ${isolated(row.resourceName)}`;
}

/** For whom, if it is another person, and why. */
export function noteOfRequest(
  row: Pick<RequestRow, "member" | "justification">,
  readerId: string,
): string | null {
  const parts = [
    row.member.id === readerId ? null : `For ${principalText(row.member)}`,
    row.justification === null ? null : begin(visible(row.justification)),
  ];
  return parts.filter((part) => part !== null).join(" · ") || null;
}

/** Why a request ended as it did: the rules it failed, or what the last decider wrote. Null if nobody gave a reason. */
export function outcomeInWords(row: Pick<RequestRow, "failureReasons" | "decisions">): string | null {
  const last = row.decisions.at(-1);
  const parts = [
    ...row.failureReasons.map(visible),
    last ? `${principalText(last.by)}: ${begin(visible(last.justification))}` : null,
  ];
  return parts.filter((part) => part !== null).join(" ") || null;
}
