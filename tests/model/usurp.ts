// Somebody becomes a second Owner, and acts against the first (docs/rules.md, section 11).
import type { Action, Choice } from "./action";
import { assigning } from "./assignment";
import { turning } from "./people";
import { inEffect } from "./rules";
import { always, day, type State } from "./state";

/** Makes somebody an Owner at the root, mostly for a while; a second Owner disables the one who was there first. */
export function usurp(state: State, choice: Choice): Action {
  const other = state.access.find(
    (each) =>
      each.kind === "Assigned" &&
      each.role === "Owner" &&
      each.at === "root" &&
      each.who !== "olga" &&
      inEffect(each, state.now),
  );
  if (other && state.principals[other.who]?.type === "User") return turning("olga", false, other.who, true);
  const who = choice.of(["una", "pete"] as const);
  const until = choice.once(4) ? always : state.now + choice.of([day, 3 * day]);
  const times = { start: null, from: state.now, until };
  return assigning({
    actor: "olga",
    kind: "Assigned",
    role: "Owner",
    at: "root",
    who,
    reason: true,
    ...times,
  });
}
