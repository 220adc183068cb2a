/**
 * Finds the PostgreSQL error code (SQLSTATE) in an error of Prisma's: in `meta` for a raw query, in `cause` for
 * a driver adapter, and in Prisma's own codes for a few. Undefined if there is none.
 */
export function sqlState(error: unknown): string | undefined {
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  for (const item of queue) {
    if (typeof item !== "object" || item === null || seen.has(item)) continue;
    seen.add(item);
    const record = item as Record<string, unknown>;
    for (const key of ["originalCode", "code"]) {
      const value = record[key];
      if (typeof value === "string" && /^[0-9A-Z]{5}$/.test(value) && !/^P\d{4}$/.test(value)) return value;
      if (value === "P2034") return "40001";
      if (value === "P2002") return "23505";
    }
    queue.push(record.cause, record.meta, record.driverAdapterError, record.error);
  }
  return undefined;
}

/** A serialisation failure or deadlock. The transaction may succeed when it runs again. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40001" || state === "40P01";
}

/** A violation of an exclusion constraint: two rows would overlap in time (docs/rules.md, rule 6). */
export function isExclusionViolation(error: unknown): boolean {
  return sqlState(error) === "23P01";
}

/** A principal's name that another one has (docs/rules.md, rule 12). */
export function isNameTaken(error: unknown): boolean {
  return (
    sqlState(error) === "23505" &&
    error instanceof Error &&
    /principal_names_pkey|principals_(email|external_id)_key/.test(error.message)
  );
}

/** The disk is full or the database is a read-only copy, so nothing can be changed at present. */
export function takesNoChanges(error: unknown): boolean {
  const state = sqlState(error);
  return state === "53100" || state === "25006";
}
