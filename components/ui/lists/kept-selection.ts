"use client";

import { useCallback, useMemo, useSyncExternalStore } from "react";

/** A row that can be selected. */
export interface SelectableRow {
  readonly id: string;
}

const nothing: readonly unknown[] = [];
const read = new Map<string, readonly unknown[]>();
const listeners = new Set<() => void>();

/** Reads the stored list of this tab. Anything else counts as empty. */
function kept(key: string): readonly unknown[] {
  const known = read.get(key);
  if (known) return known;
  let rows: unknown;
  try {
    rows = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  } catch {
    rows = [];
  }
  const list = Array.isArray(rows) ? rows : nothing;
  read.set(key, list);
  return list;
}

function keep(key: string, rows: readonly unknown[]): void {
  read.set(key, rows);
  try {
    if (rows.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(rows));
  } catch {
    // Storage is full or blocked. The selection then lasts until the page is reloaded.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether a stored value has a string under each of the names. */
export function hasTexts<Name extends string>(
  row: unknown,
  names: readonly Name[],
): row is Record<Name, string> {
  return (
    typeof row === "object" &&
    row !== null &&
    names.every((name) => typeof Reflect.get(row, name) === "string")
  );
}

const keyOf = (list: string) => `postern-selected ${list}`;

/** Removes rows from the selection of a list, whether or not the list is on this page. */
export function leaveOutOf(list: string, ids: readonly string[]): void {
  const key = keyOf(list);
  keep(
    key,
    kept(key).filter((row) => !(hasTexts(row, ["id"]) && ids.includes(row.id))),
  );
}

/**
 * The selected rows of a list, stored in this browser tab across pages and searches. `list` identifies the list
 * and the person, so that another account in the same browser does not see the selection. Stored values that
 * are not rows of the list (`isRow`) are ignored.
 */
export function useKeptSelection<Row extends SelectableRow>(
  list: string,
  isRow: (row: unknown) => row is Row,
) {
  const key = keyOf(list);
  const rows = useSyncExternalStore(
    subscribe,
    () => kept(key),
    () => nothing,
  );
  const selected = useMemo(() => rows.filter(isRow), [rows, isRow]);
  const select = useCallback((chosen: readonly Row[]) => keep(key, chosen), [key]);
  const leaveOut = useCallback((ids: readonly string[]) => leaveOutOf(list, ids), [list]);
  // What is stored at this moment, for changes that follow one another before the list is rendered again.
  const present = useCallback(() => kept(key).filter(isRow), [key, isRow]);
  return { selected, present, select, leaveOut };
}
