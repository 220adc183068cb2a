// The effect of an edit of role settings on waiting requests (docs/rules.md, section 7).
import { openStage } from "./approval";
import { runsUntil, same } from "./rules";
import type { Request, Settings, State } from "./state";

/**
 * Moves waiting requests to the stages in force. A stage that remains keeps its approvals wherever it is now,
 * and its times while it is the open one. The first stage that is not passed is open. If all are passed, the
 * last waits for one more approval.
 */
export function applyNewStages(state: State, request: Request, settings: Settings): void {
  const { approval } = request;
  if (!approval || !settings.approval) return;
  const { stages, approverMfa } = settings;
  approval.approverMfa = approverMfa;
  if (same(stages, approval.stages)) return;
  const reached = approval.stages.slice(0, approval.stage + 1);
  const used = new Set<number>();
  const origins = stages.map((stage, position) => {
    const fits = (index: number) => !used.has(index) && same(reached[index], stage);
    const origin = fits(position) ? position : reached.findIndex((_, index) => fits(index));
    if (origin >= 0) used.add(origin);
    return origin;
  });
  const first = origins.findIndex((origin) => origin < 0 || origin === approval.stage);
  const open = first < 0 ? stages.length - 1 : first;
  const opened = openStage(state, stages, open, approverMfa, runsUntil(state, request));
  const stays = origins[open] === approval.stage;
  const { escalates, expires } = stays ? approval : opened;
  const given = origins.map((origin) => [...(approval.given[origin] ?? [])]);
  request.approval = { ...opened, escalates, expires, given, deciders: approval.deciders };
}
