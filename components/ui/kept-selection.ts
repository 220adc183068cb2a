"use client";

import { useCallback, useMemo, useSyncExternalStore } from "react";

/** A row that can be selected. */
export interface SelectableRow {
  readonly id: string;
}

const nothing: readonly unknown[] = [];
const read = new Map<string, readonly unknown[]>();
const listeners = new Set<() => void>();

/** What is kept in this tab; what is no list is taken for nothing. */
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
    // Storage that is full or forbidden: the selection lasts until the page is loaded anew.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether something that was kept has a text under each of the names. */
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

/**
 * The rows that are selected in a list, kept in this browser tab while its pages are turned and its search is changed.
 * `list` names the list, and whose selection it is: another account that signs in here does not find it. What was kept
 * and is none of the list's rows (`isRow`) is left out.
 */
export function useKeptSelection<Row extends SelectableRow>(
  list: string,
  isRow: (row: unknown) => row is Row,
) {
  const key = `postern-selected ${list}`;
  const rows = useSyncExternalStore(
    subscribe,
    () => kept(key),
    () => nothing,
  );
  const selected = useMemo(() => rows.filter(isRow), [rows, isRow]);
  const select = useCallback((chosen: readonly Row[]) => keep(key, chosen), [key]);
  const leaveOut = useCallback(
    (ids: readonly string[]) =>
      keep(
        key,
        kept(key).filter((row) => !(hasTexts(row, ["id"]) && ids.includes(row.id))),
      ),
    [key],
  );
  return { selected, select, leaveOut };
}
