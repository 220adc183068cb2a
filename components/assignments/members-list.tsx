"use client";

import { useMemo } from "react";
import { MemberSelection } from "@/components/assignments/member-selection";
import { MemberTable, type MemberTableProps } from "@/components/assignments/member-table";
import { isSelectable, selectableRow } from "@/components/assignments/member-view";
import { type PackedMembers, unpackMembers } from "@/components/assignments/packed-members";

type Selection = Omit<React.ComponentProps<typeof MemberSelection>, "rows" | "children">;

/** A page of members with its selection. `children` are shown instead of an empty list. */
export function MembersList({
  packed,
  selection,
  children,
  ...table
}: MemberTableProps & { packed: PackedMembers; selection: Selection; children: React.ReactNode }) {
  const rows = useMemo(() => unpackMembers(packed), [packed]);
  const selectable = rows.filter((row) => isSelectable(row, table.tab)).map(selectableRow);
  return (
    <MemberSelection {...selection} rows={selectable}>
      {rows.length === 0 ? children : <MemberTable {...table} rows={rows} />}
    </MemberSelection>
  );
}

/** A page of access without actions. */
export function AccessList({ packed, ...table }: MemberTableProps & { packed: PackedMembers }) {
  const rows = useMemo(() => unpackMembers(packed), [packed]);
  return <MemberTable {...table} rows={rows} />;
}
