import pg from "pg";

/** A lock that a transaction requested: a table whose rows it locked or changed, or a named lock. */
export interface TakenLock {
  readonly of: string;
  /** The lock mode of the row: `FOR UPDATE`, `FOR SHARE` and the like; empty for a named lock or a change. */
  readonly mode: string;
  /** `lock` for an explicit lock, `write` for one that comes with changing a row. */
  readonly by: "lock" | "write";
  readonly sql: string;
  /** The parameters. The same statement with the same parameters locks nothing new. */
  readonly values: string;
}

/** The locks of a transaction, in the order of request. */
export type LockedInOrder = readonly TakenLock[];

const rowLock =
  /\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)(?:\s+OF\s+(\w+(?:\s*,\s*\w+)*))?(?:\s+SKIP\s+LOCKED)?/gi;
const change = /\b(?:UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?"?(?:public"?\."?)?(\w+)"?/gi;

/** The table that a name in a statement refers to: itself, or the table of which it is the alias. */
function tableOf(sql: string, alias: string): string {
  const found = new RegExp(`\\b(?:FROM|JOIN|,)\\s+(\\w+)\\s+(?:AS\\s+)?${alias}\\b`, "i").exec(sql);
  return found?.[1] ?? alias;
}

/** The last table before a position in a statement, which a lock without `OF` refers to. */
function tableBefore(sql: string, index: number): string {
  let before = sql.slice(0, index);
  // Tables inside brackets are not locked by what follows the brackets.
  for (let shorter = ""; shorter !== before; before = before.replaceAll(/\([^()]*\)/g, "")) shorter = before;
  const read = [...before.matchAll(/\bFROM\s+(\w+)/gi)].at(-1);
  return read?.[1] ?? "?";
}

/** The locks that a statement takes, according to its text and parameters. */
export function locksOf(statement: string, values: readonly unknown[] = []): TakenLock[] {
  const sql = statement.replaceAll(/\s+/g, " ").trim();
  const taken: { at: number; lock: TakenLock }[] = [];
  const add = (at: number, of: string, by: TakenLock["by"], mode = "") =>
    taken.push({ at, lock: { of, by, mode, sql, values: values.map(String).join() } });
  const given = (text: string) =>
    /^\$\d+/.test(text) ? String(values[Number.parseInt(text.slice(1), 10) - 1]) : text.replace(/::.*/, "");
  for (const match of sql.matchAll(rowLock)) {
    const names = match[1]?.split(/\s*,\s*/).map((alias) => tableOf(sql, alias));
    for (const of of names ?? [tableBefore(sql, match.index)])
      add(match.index, of, "lock", match[0].replace(/ OF .*/i, "").toUpperCase());
  }
  for (const match of sql.matchAll(/pg_(?:try_)?advisory_xact_lock(?:_shared)?\(\s*([^),]+)/gi))
    add(match.index, `advisory ${given(match[1]?.trim() ?? "")}`, "lock");
  for (const match of sql.matchAll(/\b(lock_\w+)\(/g)) add(match.index, `${match[1]}`, "lock");
  if (/\bspend_step_up_proof\(/.test(sql)) add(sql.length, "step_up_proofs", "write");
  for (const match of sql.matchAll(change)) {
    const before = sql.slice(0, match.index);
    // `FOR UPDATE`, `DO UPDATE` and `ON … UPDATE` are not statements of their own.
    if (/\b(?:FOR|KEY|DO|ON)\s+$/i.test(before)) continue;
    if (match[1] && !/^(?:SET|OF|SKIP)$/i.test(match[1])) add(match.index, match[1], "write");
  }
  return taken.sort((one, other) => one.at - other.at).map(({ lock }) => lock);
}

/**
 * Records which locks the transactions of this process take during a call, and in which order, from the text of their
 * statements. Returns them with the result of the call.
 */
export async function recordLocks<Result>(
  work: () => Promise<Result>,
): Promise<{ result: Result; transactions: readonly LockedInOrder[] }> {
  const open = new Map<pg.Client, TakenLock[]>();
  const transactions: TakenLock[][] = [];
  const prototype = pg.Client.prototype;
  const query = prototype.query;
  prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [first, second] = given;
    const asked = first as { text?: string; values?: unknown[] } | undefined;
    const sql = typeof first === "string" ? first : String(asked?.text ?? "");
    const values = Array.isArray(second) ? second : (asked?.values ?? []);
    if (/^\s*BEGIN/i.test(sql)) {
      const taken: TakenLock[] = [];
      open.set(this, taken);
      transactions.push(taken);
    } else if (/^\s*(?:COMMIT|ROLLBACK)\s*;?\s*$/i.test(sql)) open.delete(this);
    else open.get(this)?.push(...locksOf(sql, values));
    return Reflect.apply(query, this, given);
  } as typeof query;
  try {
    return { result: await work(), transactions };
  } finally {
    prototype.query = query;
  }
}
