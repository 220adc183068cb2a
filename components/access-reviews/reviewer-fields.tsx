"use client";

import { useState } from "react";
import { PrincipalPicker } from "@/components/people/principal-picker";
import { type ReviewerKind, reviewerKinds } from "@/lib/domain/access-reviews/access-review";
import { reviewerWords } from "@/lib/domain/access-reviews/access-review-words";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";

const pickers: Readonly<Record<ReviewerKind, readonly [string, string]>> = {
  Members: [
    "Reviewers for groups (optional)",
    "Members decide on their own access. These reviewers decide on a group's access, unless they are in the group.",
  ],
  Selected: [
    "Reviewers",
    "Users or groups. Nobody decides on their own access, or on that of a group they are in.",
  ],
  Managers: [
    "Reviewers for people without a manager (optional)",
    "They decide for people without a manager, and for groups.",
  ],
};

/** The choice of the reviewers: members, named people or managers, and who decides if those cannot. */
export function ReviewerFields({ search }: { search: (text: string) => Promise<readonly NamedPrincipal[]> }) {
  const [kind, setKind] = useState<ReviewerKind>("Selected");
  const [chosen, setChosen] = useState<readonly NamedPrincipal[]>([]);
  const [label, hint] = pickers[kind];
  return (
    <>
      <fieldset className="flex flex-wrap gap-x-5 gap-y-1">
        <legend className="label">Reviewers are</legend>
        {reviewerKinds.map((each) => (
          <label key={each} className="flex items-center gap-2">
            <input
              type="radio"
              name="reviewers"
              value={each}
              checked={kind === each}
              onChange={() => setKind(each)}
            />{" "}
            {reviewerWords[each]}
          </label>
        ))}
      </fieldset>
      <input type="hidden" name="reviewerIds" value={chosen.map((each) => each.id).join(",")} />
      <PrincipalPicker
        label={label}
        hint={hint}
        chosen={chosen}
        search={search}
        onChange={setChosen}
        errorOf="reviewerIds"
      />
    </>
  );
}
