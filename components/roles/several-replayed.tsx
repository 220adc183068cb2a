import { Name, Sentence } from "@/components/ui/name";
import { TableRegion } from "@/components/ui/page-parts";
import { replayDays } from "@/lib/domain/gate/replay-days";
import { effectInWords, isWeaker, type ReplayEffect } from "@/lib/domain/gate/settings-replay";
import { principalText } from "@/lib/domain/people/principal-identity";
import { type ChangedRow, changedRows } from "@/lib/domain/roles/role-setting-rows";
import { counted } from "@/lib/domain/text/number-format";
import { isolated } from "@/lib/domain/text/visible-text";
import { formatIn } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { RoleReplayed, SeveralReplayed } from "@/lib/queries/roles/replay-several";
import { editAddress, type SharedChange } from "@/lib/web/change-address";

/**
 * What a change would have done for several roles: for all of them together, and for each with a link to its
 * edit, filled in.
 */
export function SeveralReplayedCard(props: {
  readonly of: SeveralReplayed;
  readonly change: SharedChange;
  /** The key of what they start from, if anything. */
  readonly start: string | null;
  readonly base: string;
  readonly times: ReaderTimes;
}) {
  const { of: found, base } = props;
  const people = new Map(found.approvers.map((each) => [each.id, principalText(each)]));
  const nameOf = (id: string) => people.get(id) ?? "somebody";
  return (
    <section id="replayed" aria-labelledby="replayed-heading" className="card">
      <h2 id="replayed-heading">What would this have changed?</h2>
      <p role="status" className="mt-1 mb-3">
        {severalInWords(found)}
      </p>
      <Effects figures={found.figures} />
      <div className="mt-4">
        <TableRegion
          label="Each role"
          head={["Role", "Change", "Requests", "What would have changed", "Action"]}
        >
          {found.roles.map((role) => (
            <tr key={role.id}>
              <th scope="row">
                <a href={`${base}/roles/${role.id}/settings`}>
                  <Name of={role.roleName} />
                </a>
              </th>
              <td>
                <ChangesOf role={role} nameOf={nameOf} />
              </td>
              <td>{requestsOf(role, props.times)}</td>
              <td>
                {role.replay && role.replay.figures.length > 0 ? (
                  <Effects figures={role.replay.figures} />
                ) : (
                  <span className="text-muted">{withoutEffect(role)}</span>
                )}
              </td>
              <td>
                {role.fault === "Unchanged" ? null : (
                  <a
                    href={editAddress(`${base}/roles/${role.id}/settings/edit`, props.change, props.start)}
                    aria-label={`Edit ${isolated(role.roleName)}`}
                  >
                    Edit
                  </a>
                )}
              </td>
            </tr>
          ))}
        </TableRegion>
      </div>
    </section>
  );
}

/** What changes for one role, from what to what, with a mark at what it weakens. */
function ChangesOf({
  role: { present, settings, weakened },
  nameOf,
}: {
  readonly role: RoleReplayed;
  readonly nameOf: (id: string) => string;
}) {
  const rows: readonly ChangedRow[] = changedRows(present, settings, weakened, nameOf);
  if (rows.length === 0) return <span className="text-muted">None</span>;
  return (
    <ul className="grid gap-1">
      {rows.map(({ label, before, after, weakens }) => (
        <li key={label} className="wrap-anywhere">
          <Sentence of={`${label}: ${before ?? "–"} → ${after ?? "–"}`} />{" "}
          {weakens ? <span className="badge badge-warning">Weaker</span> : null}
        </li>
      ))}
    </ul>
  );
}

/** The sum in one sentence. */
export function severalInWords({ roles, requests, differing, whole }: SeveralReplayed): string {
  const replayed = roles.filter(({ replay }) => replay !== null).length;
  if (replayed === 0) return "None of these roles would change, so nothing was replayed.";
  const few = replayed === 1 ? "1 role" : `${replayed} roles`;
  if (requests === 0) return `Nobody asked for ${few} here in the last ${replayDays} days.`;
  const of = `${counted(requests)} ${requests === 1 ? "request" : "requests"}`;
  // For the most requested roles, only the newest requests. Each role says since when.
  const when = whole ? `of the last ${replayDays} days for ${few}` : `for ${few}, the newest of each,`;
  if (differing === 0) return `The outcome would have been the same for the ${of} ${when.replace(/,$/, "")}.`;
  return `${counted(differing)} of ${of} ${when} would have had a different outcome.`;
}

function requestsOf({ replay }: RoleReplayed, times: ReaderTimes): string {
  if (!replay) return "–";
  const all = replay.activations + replay.assignments;
  const since = replay.whole ? "" : ` since ${formatIn(times).moment(replay.since)}`;
  return `${counted(replay.differing)} of ${counted(all)}${since}`;
}

function withoutEffect({ fault }: RoleReplayed): string {
  if (fault === null) return "Nothing";
  return fault === "Unchanged" ? "It has these settings already." : fault;
}

function Effects({
  figures,
}: {
  readonly figures: readonly { readonly effect: ReplayEffect; readonly requests: number }[];
}) {
  if (figures.length === 0) return null;
  return (
    <ul className="grid gap-1">
      {figures.map(({ effect, requests }) => (
        <li key={effect}>
          <span className="font-semibold tabular-nums">{counted(requests)}</span>{" "}
          {effect.startsWith("Activation.") ? "activations" : "assignments"} {effectInWords(effect)}{" "}
          {isWeaker(effect) ? <span className="badge badge-warning">Weaker</span> : null}
        </li>
      ))}
    </ul>
  );
}
