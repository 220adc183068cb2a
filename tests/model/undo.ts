// Undoes the last step, so that it can be tried once more with its spent proof.
import type { Action } from "./action";
import { canceling, deactivating } from "./activation";
import { removing } from "./assignment";
import { leaving } from "./people";
import { waits } from "./rules";
import type { State } from "./state";

/** A command that undoes new changes; null if there are none. */
export function undoing(before: State, after: State): Action | null {
  const row = after.access.find((each) => !before.access.some(({ id }) => id === each.id));
  if (row) return row.kind === "Activated" ? deactivating(row, row.who) : removing(row, "olga");
  const asked = after.requests.find(
    (each) => waits(each) && !before.requests.some(({ id }) => id === each.id),
  );
  if (asked) return canceling(asked, asked.asker);
  const joined = after.members.find(
    (each) => !before.members.some(({ group, member }) => group === each.group && member === each.member),
  );
  return joined ? leaving(joined, "olga") : null;
}
