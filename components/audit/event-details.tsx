import { settingLabel, settingsInWords } from "@/components/audit/settings-in-words";
import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { TableRegion } from "@/components/ui/page-parts";

type Fields = Readonly<Record<string, unknown>>;

const words: Readonly<Record<string, string>> = {
  startsAt: "Start",
  endsAt: "End",
  endBefore: "End before",
  plannedEnd: "Planned end",
  endedAt: "Ended",
  requestedStart: "Requested start",
  durationMinutes: "Duration (minutes)",
  canceled: "Canceled before it began",
  bundle: "Bundle",
  weakened: "Protection weakened",
  version: "Version",
  error: "Error",
  list: "List",
  filter: "Filter",
  rows: "Rows",
  ended: "Ended",
  search: "Search",
  where: "Where",
  used: "Only roles in use or edited",
  below: "With everything below",
  missingPermission: "Missing permission",
  roleName: "Name",
  description: "Description",
  actions: "Actions",
  notActions: "Not actions",
  dataActions: "Data actions",
  notDataActions: "Not data actions",
  assignableScopes: "Assignable scopes",
  widened: "Allows more",
  holders: "In use by",
  displayName: "Name",
  email: "Email",
  externalId: "External id",
  type: "Type",
  groupName: "Group",
  directoryName: "Directory",
  given: "Access granted",
  taken: "Access removed",
  suspended: "Access suspended",
  signIn: "Sign-in",
  expiresAt: "Expires",
  because: "Not linked by the directory",
  linkedAgain: "Linked again",
  withPass: "With a one-time pass",
  withProvidersSecondFactor: "With a provider's second factor",
  secondFactor: "With a second factor",
  endedSessions: "Sessions ended",
  endedActivations: "Activations ended",
  revokedRequests: "Requests revoked",
  memberType: "Type of member",
  roleSettings: "Role settings",
  accessReviewName: "Access review",
  accessReviewId: "Access review (id)",
  createdById: "Started by (id)",
  automatically: "Automatically",
  administratorId: "Administrator (id)",
  administratorName: "Administrator",
  formerAdministratorId: "Administrator before (id)",
  formerAdministrator: "Administrator before",
  held: "Waits because of",
  covers: "Covers",
  decidedById: "Decided by (id)",
  decidedBy: "Decided by",
  throughGroup: "Through the group",
  throughGroupId: "Through the group (id)",
  decidedLate: "Became a reviewer after the review began",
  decision: "Decision",
  items: "Under review",
  reviewers: "Reviewers",
  reviewerIds: "Named reviewers (ids)",
  stage: "Stage",
  stages: "Stages",
  stillNeeded: "Approvals still needed",
  lapsed: "Approved before, and no longer an approver",
  asAdministrator: "Decided as an administrator, because too few approvers were able",
  approvedBy: "Last approved by",
  codeAfterApproval: "A new code was entered after approval",
  awaitedCode: "Was approved and waited for its member's code",
  provisionedRequestId: "Request (id)",
  provedAt: "Identity verified",
  reasons: "Why it failed",
  timedOutAt: "Timed out",
  escalatedAt: "Escalated",
  restagedRequests: "Waiting requests asked anew",
  byRequestor: "Canceled by the requestor",
  wasScheduled: "Was scheduled",
  policy: "Role settings in force",
  requested: "Requested role settings",
  staleRoles: "Roles saved by somebody else meanwhile",
};

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isoTime = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function shown(name: string, value: unknown): string {
  if (name === "weakened" && Array.isArray(value))
    return value.map((each) => settingLabel(String(each))).join("; ") || "Nothing";
  if (value === null || value === undefined) return /At$|End$|MaximumDays$/.test(name) ? "Permanent" : "–";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "string" && isoTime.test(value)) return `${value.slice(0, 19).replace("T", " ")} UTC`;
  if (Array.isArray(value) && value.every((each) => typeof each === "string"))
    return value.join("; ") || "None";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A value on the page: times in the reader's zone, everything else in words. */
function Value({ name, value }: { name: string; value: unknown }) {
  if (typeof value === "string" && isoTime.test(value)) return <Moment value={new Date(value)} />;
  return <LongText of={shown(name, value)} />;
}

function Facts({ fields }: { fields: Fields }) {
  return (
    <dl>
      {Object.entries(fields).map(([name, value]) => (
        <div
          key={name}
          className="grid gap-x-3 border-b border-line py-1.5 last:border-0 sm:grid-cols-[13rem_minmax(0,1fr)]"
        >
          <dt className="text-muted">{words[name] ?? name}</dt>
          <dd className="wrap-anywhere">
            <Value name={name} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What changed, with values before and after. Leaves out what stayed the same. */
function Changes({ before, after }: { before: Fields; after: Fields }) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => shown(name, before[name]) !== shown(name, after[name]),
  );
  if (names.length === 0) return <p className="text-muted">Saved without a change.</p>;
  return (
    <TableRegion label="Before and after" head={["Setting", "Before", "After"]}>
      {names.map((name) => (
        <tr key={name}>
          <th scope="row">{words[name] ?? name}</th>
          <td>
            <del className="diff-before">
              <Value name={name} value={before[name]} />
            </del>
          </td>
          <td>
            <ins className="diff-after">
              <Value name={name} value={after[name]} />
            </ins>
          </td>
        </tr>
      ))}
    </TableRegion>
  );
}

/** The details of an event: its changes as a table, the rest in words. */
export function EventDetails({ details }: { details: unknown }) {
  if (!isFields(details) || Object.keys(details).length === 0)
    return <p className="text-muted">Nothing more was recorded.</p>;
  // Approvers are named where their ids are used, so the names are not listed again.
  const {
    before,
    after,
    approvers,
    approverIds: _ids,
    decidedRequestId: _id,
    accessInWords: _words,
    pauseReason: _pause,
    ...rest
  } = details;
  const groups = Object.entries(rest).filter((entry): entry is [string, Fields] => isFields(entry[1]));
  const facts = Object.fromEntries(Object.entries(rest).filter(([, value]) => !isFields(value)));
  return (
    <div className="grid gap-4">
      {isFields(before) && isFields(after) ? (
        <Changes before={settingsInWords(before, approvers)} after={settingsInWords(after, approvers)} />
      ) : null}
      {Object.keys(facts).length > 0 ? <Facts fields={facts} /> : null}
      {groups.map(([name, fields]) => (
        <section key={name}>
          <h3 className="mb-1 font-semibold">{words[name] ?? name}</h3>
          <Facts fields={settingsInWords(fields, approvers)} />
        </section>
      ))}
    </div>
  );
}
