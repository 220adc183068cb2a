"use client";

import { useRef, useState } from "react";
import { type Choice, MultiSelect } from "@/components/assignments/multi-select";
import { fillIn } from "@/components/ui/forms/fill-field";
import { Sentence } from "@/components/ui/name";
import { permissionParts } from "@/lib/domain/roles/role-definition";

/** Adds a line to a field with several lines, unless it is there already. Returns whether it was added. */
function addLine(field: HTMLTextAreaElement, line: string): boolean {
  const lines = field.value.split("\n").filter((each) => each.trim() !== "");
  if (lines.some((each) => each.trim() === line)) return false;
  fillIn(field, [...lines, line].join("\n"));
  field.scrollTop = field.scrollHeight;
  return true;
}

/** Finds what other roles already allow, and adds it to the fields of the surrounding form. */
export function ActionFinder(props: {
  /** Each id is the name of the field and the action, separated by a space, like the ids of search results. */
  readonly suggested: readonly Choice[];
  readonly search: (text: string) => Promise<readonly Choice[]>;
}) {
  const content = useRef<HTMLDivElement>(null);
  const [said, setSaid] = useState("");

  function add(id: string) {
    const part = id.startsWith("dataActions ") ? "dataActions" : "actions";
    const action = id.slice(part.length + 1);
    const field = content.current?.closest("form")?.elements.namedItem(part);
    if (!(field instanceof HTMLTextAreaElement)) return;
    const title = permissionParts[part];
    setSaid(
      addLine(field, action)
        ? `${action} is added to ${title.toLowerCase()}.`
        : `${title} have ${action} already.`,
    );
  }

  return (
    <div ref={content} className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <MultiSelect
        name="actionsInUse"
        label="Find actions in use"
        hint="What other roles allow. Press Enter to add the first match."
        chosen={[]}
        suggested={{ label: "Of your own types:", choices: props.suggested, onChosen: () => undefined }}
        onChange={(chosen) => chosen.map(({ id }) => add(id))}
        search={props.search}
      />
      <p role="status" className="text-muted wrap-anywhere empty:absolute">
        {said ? <Sentence of={said} /> : null}
      </p>
    </div>
  );
}
