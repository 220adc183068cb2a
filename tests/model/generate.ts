// Makes a sequence from a seed, and shortens a failing one.
import type { Command } from "./action";
import { commands, type Kind, kinds } from "./commands";
import { firstOf, openingOf } from "./openings";
import type { Step } from "./prepare";
import { random } from "./random";
import { type Disagreement, runSequence } from "./sequence";
import type { Stage } from "./world";

const total = kinds.reduce((sum, kind) => sum + commands[kind].weight, 0);

/** Pairs that meet: the first is under way, and the second removes what it depends on. */
const clashes: readonly (readonly [Kind, Kind])[] = [
  ["activate", "editSettings"],
  ["activate", "editSettings"],
  ["activate", "leave"],
  ["activate", "ableOrNot"],
  ["activate", "remove"],
  ["activate", "activate"],
  ["activate", "update"],
  ["decide", "editSettings"],
  ["decideExtensionRequest", "editSettings"],
  ["decide", "leave"],
  ["decide", "ableOrNot"],
  ["decide", "decide"],
  ["decide", "cancel"],
  ["provision", "provision"],
  ["provision", "editSettings"],
  ["provision", "leave"],
  ["provision", "ableOrNot"],
  ["provision", "remove"],
  ["provision", "cancel"],
  ["useGlass", "decide"],
  ["useGlass", "useGlass"],
  ["useGlass", "editSettings"],
  ["useGlass", "cancel"],
  ["closeGlass", "closeGlass"],
  ["closeGlass", "leave"],
  ["decide", "deactivate"],
  ["extendRunning", "deactivate"],
  ["update", "remove"],
  ["update", "editSettings"],
  ["ask", "extendOrRenew"],
  ["ask", "leave"],
  ["decideExtensionRequest", "extendOrRenew"],
  ["join", "leave"],
  ["join", "activate"],
  ["assign", "activate"],
  ["activate", "conflictRule"],
  ["activate", "exception"],
  ["exception", "exception"],
  ["exception", "join"],
];

/** So many commands; about one step in five is of two at once, and one in forty of three. */
export function generate(seed: number, length: number): Step[] {
  const next = random(seed ^ 0x5eed);
  const kindOf = (atOnce: boolean): Kind => {
    let pick = next(total);
    for (const kind of kinds) {
      pick -= commands[kind].weight;
      if (pick < 0) return atOnce && !commands[kind].atOnce ? "activate" : kind;
    }
    return "activate";
  };
  const one = (kind: Kind): Command => ({
    kind,
    picks: Array.from({ length: 24 }, () => next(1_000_000)),
  });
  const steps: Step[] = firstOf[openingOf(seed)].map((first) => ({
    ...{ commands: [one(first.kind)], turn: "Once" as const, picks: [0, 0, 0, 0], first },
  }));
  for (let made = 0; made < length; ) {
    const many = next(40);
    const count = many === 0 ? 3 : many < 9 ? 2 : 1;
    const clash = next(4) > 0 && count > 1 ? clashes[next(clashes.length)] : undefined;
    const chosen = Array.from({ length: count }, (_, index) => one(clash?.[index] ?? kindOf(count > 1)));
    const turn = (["Again", "Late"] as const)[next(8)] ?? "Once";
    const single = count === 1 && chosen.every(({ kind }) => commands[kind].atOnce);
    const picks = Array.from({ length: 4 }, () => next(1_000_000));
    steps.push({ commands: chosen, turn: single ? turn : "Once", picks });
    made += count;
    // An approved request waits for its code for a short time only, so it is mostly tried at once.
    if (!single || chosen[0]?.kind !== "decide" || next(4) === 0) continue;
    steps.push({
      commands: [one("provision")],
      turn: turn === "Late" ? "Late" : "Once",
      picks: picks.map((pick) => pick + 5),
    });
    made += 1;
  }
  return steps;
}

/** A shorter sequence that also disagrees, found by leaving out steps while it still does. */
export async function shrink(
  stage: Stage,
  seed: number,
  steps: readonly Step[],
  found: Disagreement,
  tries = 60,
): Promise<{ steps: readonly Step[]; found: Disagreement }> {
  let [best, disagreement] = [steps.slice(0, found.step + 1), found];
  let left = tries;
  for (let size = Math.ceil(best.length / 2); size >= 1 && left > 0; ) {
    let shorter = false;
    for (let at = best.length - 1 - size; at >= 0 && left > 0; at -= size) {
      const fewer = [...best.slice(0, at), ...best.slice(at + size)];
      left -= 1;
      const again = await runSequence(stage, seed, fewer);
      if (!again) continue;
      [best, disagreement, shorter] = [fewer.slice(0, again.step + 1), again, true];
      break;
    }
    if (!shorter) size = Math.floor(size / 2);
  }
  return { steps: best, found: disagreement };
}

/** A disagreement in a form that people can read. */
export function inWords(seed: number, { words, differences }: Disagreement): string {
  return [
    `Seed ${seed}: the product and the model disagree after`,
    ...words.map((each, index) => `  ${index + 1}. ${each}`),
    ...differences.map((each) => `  ${each}`),
  ].join("\n");
}
