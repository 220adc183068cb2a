"use client";

import { useState } from "react";
import { ProtectedForm } from "@/components/step-up/protected-form";
import { Dialog } from "@/components/ui/dialog";
import { TextAreaField, TextField } from "@/components/ui/field";
import type { FormOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";

interface Found {
  readonly id: string;
  readonly displayName: string;
  readonly type: string;
  readonly email: string | null;
}

/** **Add members** to a group: several at once, with a reason, and a code where what the group has asks for it. */
export function AddMembers(props: {
  group: { id: string; displayName: string };
  hasFactor: boolean;
  submit: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
  search: (groupId: string, search: string) => Promise<Found[]>;
}) {
  const [open, setOpen] = useState(false);
  const [found, setFound] = useState<Found[]>([]);
  const [chosen, setChosen] = useState<Found[]>([]);
  const close = () => {
    setOpen(false);
    setChosen([]);
    setFound([]);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? setOpen(true) : close())}
      title={`Add members to ${props.group.displayName}`}
      description="They have what the group has, and approve what it approves: it takes what giving them that would take."
      trigger={
        <button type="button" className="button">
          Add members
        </button>
      }
    >
      <ProtectedForm
        submit={props.submit}
        prepare={props.prepare}
        needsCode={false}
        hasFactor={props.hasFactor}
        submitLabel="Add"
        returnPath={`/people/${props.group.id}`}
        onDone={close}
        onCancel={close}
      >
        <input type="hidden" name="groupId" value={props.group.id} />
        <input type="hidden" name="memberIds" value={chosen.map((each) => each.id).join(",")} />
        <TextField
          name="memberSearch"
          label="Members"
          type="search"
          autoComplete="off"
          hint="Search users, groups and service principals by name or email, then choose."
          onChange={(event) => {
            const text = event.currentTarget.value.trim();
            if (text.length < 2) setFound([]);
            else props.search(props.group.id, text).then(setFound, () => setFound([]));
          }}
        />
        <ul className="grid gap-1" aria-label="Found members">
          {found
            .filter((each) => !chosen.some((other) => other.id === each.id))
            .slice(0, 6)
            .map((each) => (
              <li key={each.id}>
                <button
                  type="button"
                  className="pane-link w-full text-left"
                  onClick={() => setChosen([...chosen, each])}
                >
                  Add {each.displayName} <span className="text-muted">{each.email ?? each.type}</span>
                </button>
              </li>
            ))}
        </ul>
        <ul className="flex flex-wrap gap-2" aria-label="Chosen members">
          {chosen.map((each) => (
            <li key={each.id} className="badge badge-accent">
              {each.displayName}
              <button
                type="button"
                aria-label={`Leave out ${each.displayName}`}
                onClick={() => setChosen(chosen.filter((other) => other.id !== each.id))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
        <TextAreaField label="Justification" name="justification" maxLength={2000} />
      </ProtectedForm>
    </Dialog>
  );
}
