"use client";

import { useCallback, useSyncExternalStore } from "react";

/** A row that can be selected. */
export interface SelectableRow {
  readonly id: string;
  readonly assignmentType: "Eligible" | "Active";
  /** What it is called in the preview and the report. */
  readonly name: string;
}

const nothing: readonly SelectableRow[] = [];
const read = new Map<string, readonly SelectableRow[]>();
const listeners = new Set<() => void>();

/** What is kept in this tab; anything else that stands there is taken for nothing. */
function kept(key: string): readonly SelectableRow[] {
  const known = read.get(key);
  if (known) return known;
  let rows: unknown;
  try {
    rows = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  } catch {
    rows = [];
  }
  const good = Array.isArray(rows) ? rows.filter(isRow) : nothing;
  read.set(key, good);
  return good;
}

function isRow(row: unknown): row is SelectableRow {
  if (typeof row !== "object" || row === null) return false;
  const { id, name, assignmentType }: Partial<Record<keyof SelectableRow, unknown>> = row;
  return (
    typeof id === "string" &&
    typeof name === "string" &&
    (assignmentType === "Eligible" || assignmentType === "Active")
  );
}

function keep(key: string, rows: readonly SelectableRow[]): void {
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

/**
 * The rows that are selected in a list, kept in this browser tab while its pages are turned and its search is changed.
 * `list` names the list, and whose selection it is: another account that signs in here does not find it.
 */
export function useKeptSelection(list: string) {
  const key = `postern-selected ${list}`;
  const selected = useSyncExternalStore(
    subscribe,
    () => kept(key),
    () => nothing,
  );
  const select = useCallback((rows: readonly SelectableRow[]) => keep(key, rows), [key]);
  return [selected, select] as const;
}
