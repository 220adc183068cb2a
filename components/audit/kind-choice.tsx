"use client";

import { useEffect, useState } from "react";

type Choice = readonly [value: string, label: string];

/** A group of kinds, with those of its kinds that are chosen. */
export interface KindGroup {
  readonly group: Choice;
  readonly chosen: boolean;
  readonly kinds: readonly Choice[];
}

/** Loads the words of all kinds. Few readers open the ninety boxes. */
async function allKinds(): Promise<ReadonlyMap<string, readonly Choice[]>> {
  const { auditGroups, auditKinds } = await import("@/lib/domain/audit/audit-kinds");
  return new Map(
    auditGroups.map(({ name, kinds }) => [name, kinds.map((kind): Choice => [kind, auditKinds[kind]])]),
  );
}

/**
 * The kinds of events in groups, as check boxes. A group stands for all of its kinds. The page has the groups and
 * the chosen kinds, which is all that there is without scripts. The others come as soon as the pointer, a touch or the
 * focus is near.
 */
export function KindChoice({ groups }: { readonly groups: readonly KindGroup[] }) {
  const [all, setAll] = useState<ReadonlyMap<string, readonly Choice[]> | null>(null);
  // If they do not arrive, they are requested again at the next touch.
  const comeNear = () => {
    if (all === null) allKinds().then(setAll, () => undefined);
  };
  const opened = groups.some(({ kinds }) => kinds.length > 0);
  useEffect(() => {
    if (opened) allKinds().then(setAll, () => undefined);
  }, [opened]);
  const box = ([value, label]: Choice, chosen: boolean) => (
    // The key resets the box for another address, so that it always shows the filter in use.
    <label key={`${value} ${chosen}`}>
      <input type="checkbox" name="kind" value={value} defaultChecked={chosen} />
      {label}
    </label>
  );
  return (
    <fieldset className="kinds" onPointerEnter={comeNear} onTouchStart={comeNear} onFocus={comeNear}>
      <legend className="sr-only">Kinds of events</legend>
      {groups.map(({ group, chosen, kinds }) => {
        const single = new Set(kinds.map(([kind]) => kind));
        return (
          <div key={group[0]}>
            {box(group, chosen)}
            <details open={kinds.length > 0} onToggle={comeNear}>
              <summary aria-label={`Some, of ${group[1]}`}>Some</summary>
              {(all?.get(group[0]) ?? kinds).map((kind) => box(kind, single.has(kind[0])))}
            </details>
          </div>
        );
      })}
    </fieldset>
  );
}
