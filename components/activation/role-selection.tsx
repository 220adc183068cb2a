"use client";

import { useRouter } from "next/navigation";
import { createContext, useContext, useState } from "react";
import {
  type RoleToActivate,
  type SeveralActions,
  SeveralPanel,
} from "@/components/activation/several-panel";
import { Dialog } from "@/components/ui/dialog";
import { mostAtOnce } from "@/lib/domain/protected-operation";

const Selection = createContext<{
  readonly selected: ReadonlySet<string>;
  readonly toggle: (eligibilityId: string) => void;
}>({ selected: new Set(), toggle: () => undefined });

/** Roles of which several can be selected and activated together; the list itself is `children`. */
export function RoleSelection(
  props: SeveralActions & {
    /** Those that can be selected. */
    roles: readonly RoleToActivate[];
    hasFactor: boolean;
    /** Selected at first, and the panel open for them. */
    initial: readonly string[];
    children: React.ReactNode;
  },
) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set(props.initial));
  const chosen = props.roles.filter((role) => selected.has(role.eligibilityId));
  // What the panel was opened for: the roles leave the list when they are active, and the panel still tells of them.
  const [opened, setOpened] = useState<readonly RoleToActivate[] | null>(
    props.initial.length > 0 && chosen.length > 0 ? chosen : null,
  );
  const possible = chosen.length > 0 && chosen.length <= mostAtOnce;
  const all = chosen.length === props.roles.length;
  const router = useRouter();
  const close = () => {
    setOpened(null);
    setSelected(new Set());
    // The address that opened it must not open it once more.
    if (props.initial.length > 0) router.replace("/my-roles", { scroll: false });
  };
  return (
    <Selection
      value={{
        selected,
        toggle: (id) =>
          setSelected((before) => {
            const after = new Set(before);
            if (!after.delete(id)) after.add(id);
            return after;
          }),
      }}
    >
      {props.roles.length > 1 || opened ? (
        <div className="mb-3 flex min-h-10 flex-wrap items-center gap-2">
          <button
            type="button"
            className="button"
            onClick={() =>
              setSelected(all ? new Set() : new Set(props.roles.map((role) => role.eligibilityId)))
            }
          >
            {all ? "Select none" : "Select all"}
          </button>
          <Dialog
            open={opened !== null}
            onOpenChange={(open) => {
              if (!open) close();
              else if (possible) setOpened(chosen);
            }}
            title="Activate several roles"
            description="One reason and one verification for all of them; each ends by itself."
            trigger={
              <button
                type="button"
                className={`button ${possible ? "button-primary" : ""}`}
                aria-disabled={!possible}
              >
                Activate selected
              </button>
            }
          >
            {opened ? <SeveralPanel {...props} roles={opened} onClose={close} /> : null}
          </Dialog>
          <span role="status" className="text-muted">
            {chosen.length > mostAtOnce
              ? `${chosen.length} selected: at most ${mostAtOnce} can be activated together.`
              : chosen.length > 0
                ? `${chosen.length} selected`
                : "Select several roles to activate them with one reason and one code."}
          </span>
        </div>
      ) : null}
      {props.children}
    </Selection>
  );
}

/** Selects one role of the list around it. */
export function RoleCheckbox({ eligibilityId, label }: { eligibilityId: string; label: string }) {
  const { selected, toggle } = useContext(Selection);
  return (
    <label className="cell-check">
      <input
        type="checkbox"
        className="size-4"
        aria-label={label}
        checked={selected.has(eligibilityId)}
        onChange={() => toggle(eligibilityId)}
      />
    </label>
  );
}
