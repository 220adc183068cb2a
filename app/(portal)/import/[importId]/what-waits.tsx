import { maximumMissingShown } from "@/lib/domain/imports/import-kinds";
import { counted } from "@/lib/domain/text/number-format";
import type { ImportView } from "@/lib/queries/imports/imports";

/** What an import that was read would do, before anybody applies it. `allBad`: none of its rows can be applied. */
export function WhatWaits({ import: found, allBad }: { import: ImportView; allBad: boolean }) {
  const { left, needProof, counts } = found;
  if (allBad)
    return (
      <p className="text-muted">
        Each row below says what is wrong. Correct the file and upload it again, and discard this one.
      </p>
    );
  return (
    <p className="mb-3 text-muted">
      {left === 0
        ? "There is nothing to change. Applying marks this import as done."
        : `${counted(left)} ${left === 1 ? "row waits" : "rows wait"} to be applied.`}
      {needProof > 0
        ? ` ${counted(needProof)} of them ${needProof === 1 ? "needs" : "need"} a code, because role settings require it, because it weakens protection, because an address, external id or group’s name changes, or because you would get access yourself.`
        : ""}
      {counts.Remove > 0
        ? ` ${counted(counts.Remove)} of them ${counts.Remove === 1 ? "removes a member" : "remove members"} that the file does not name.`
        : ""}
      {counts.Missing > 0
        ? ` ${missingInWords(counts.Missing)} of these groups ${counts.Missing === 1 ? "is" : "are"} not in the file and ${counts.Missing === 1 ? "stays" : "stay"}.`
        : ""}
      {found.capToMaximum && left > 0
        ? " Assignments end after the longest time that the role settings allow."
        : ""}
      {counts.Bad > 0 ? " Invalid rows are skipped." : ""}
    </p>
  );
}

function missingInWords(count: number): string {
  if (count >= maximumMissingShown) return `${counted(maximumMissingShown)} members or more`;
  return count === 1 ? "One member" : `${count} members`;
}
