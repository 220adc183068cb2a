"use client";

import { useEffect, useState } from "react";
import { auditGroups, auditKinds } from "@/lib/domain/audit/audit-kinds";

/**
 * The kinds of events in groups, as check boxes. A group stands for all of its kinds. It gets only the names
 * and contains the words itself, so that they are in the page once.
 */
export function KindChoice({ names }: { readonly names: readonly string[] }) {
  // Few readers open the ninety boxes, so the browser renders them. Without scripts, the groups and the chosen
  // kinds are shown.
  const [all, setAll] = useState(false);
  useEffect(() => setAll(true), []);
  const box = (value: string, label: string, chosen: boolean) => (
    // The key resets the box for another address, so that it always shows the filter in use.
    <label key={`${value} ${chosen}`}>
      <input type="checkbox" name="kind" value={value} defaultChecked={chosen} />
      {label}
    </label>
  );
  return (
    <fieldset className="kinds">
      <legend className="sr-only">Kinds of events</legend>
      {auditGroups.map((group) => {
        const single = group.kinds.filter((kind) => names.includes(kind));
        return (
          <div key={group.name}>
            {box(group.name, group.label, names.includes(group.name))}
            <details open={single.length > 0}>
              <summary aria-label={`Some, of ${group.label}`}>Some</summary>
              {(all ? group.kinds : single).map((kind) => box(kind, auditKinds[kind], single.includes(kind)))}
            </details>
          </div>
        );
      })}
    </fieldset>
  );
}
