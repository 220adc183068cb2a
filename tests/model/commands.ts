// Every kind of command, and how often sequences choose it.
import type { Action, Choice } from "./action";
import { activate, cancel, deactivate } from "./activation";
import { decide } from "./approval";
import { assign, remove, update } from "./assignment";
import { closeGlass, useGlass } from "./break-glass";
import { conflictRule } from "./conflicts";
import { exception } from "./exceptions";
import { extendRunning } from "./extend-activation";
import { extendOrRenew } from "./extend-or-renew";
import { ask, decideExtensionRequest } from "./extension-requests";
import { ableOrNot, join, leave } from "./people";
import { provision } from "./provision";
import { importAssignment, review } from "./reviews-and-imports";
import { editSettings } from "./settings";
import type { State } from "./state";
import { pass, work } from "./time-and-jobs";
import { usurp } from "./usurp";

interface CommandKind {
  readonly make: (state: State, choice: Choice) => Action | null;
  readonly weight: number;
  /** Whether it can be one of several at once, or wait: only if it is an operation, and not time that passes. */
  readonly atOnce: boolean;
}

const kind = (make: CommandKind["make"], weight: number, atOnce = true): CommandKind => ({
  make,
  weight,
  atOnce,
});

export const kinds = [
  "activate",
  "deactivate",
  "extendRunning",
  "cancel",
  "decide",
  "provision",
  "useGlass",
  "closeGlass",
  "assign",
  "remove",
  "update",
  "extendOrRenew",
  "ask",
  "decideExtensionRequest",
  "join",
  "leave",
  "ableOrNot",
  "usurp",
  "editSettings",
  "conflictRule",
  "exception",
  "review",
  "importAssignment",
  "work",
  "pass",
] as const;
export type Kind = (typeof kinds)[number];

export const commands: Readonly<Record<Kind, CommandKind>> = {
  activate: kind(activate, 20),
  deactivate: kind(deactivate, 4),
  extendRunning: kind(extendRunning, 10),
  cancel: kind(cancel, 4),
  decide: kind(decide, 14),
  provision: kind(provision, 8),
  useGlass: kind(useGlass, 16),
  closeGlass: kind(closeGlass, 8),
  assign: kind(assign, 8),
  remove: kind(remove, 5),
  update: kind(update, 6),
  extendOrRenew: kind(extendOrRenew, 5),
  ask: kind(ask, 6),
  decideExtensionRequest: kind(decideExtensionRequest, 6),
  join: kind(join, 4),
  leave: kind(leave, 3),
  ableOrNot: kind(ableOrNot, 5),
  usurp: kind(usurp, 2),
  editSettings: kind(editSettings, 7),
  conflictRule: kind(conflictRule, 3),
  exception: kind(exception, 6),
  review: kind(review, 3, false),
  importAssignment: kind(importAssignment, 3, false),
  work: kind(work, 2),
  pass: kind(pass, 10, false),
};
