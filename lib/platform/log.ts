/** The fields of a line besides its message. Ids, counts and codes only: no secrets, and no personal data except ids. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes one line for the operators of this installation. */
export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

// One for each process, which consists of several bundles.
const held = globalThis as typeof globalThis & { posternLog?: Log };

const printed = (message: string, fields?: LogFields) => {
  if (fields === undefined) console.error(message);
};

/** The log of a process that opened none, such as tests and the seed. It only prints warnings and errors. */
const unkept: Log = { debug: () => {}, info: () => {}, warn: printed, error: printed };

/** The log of this process. */
export function log(): Log {
  return held.posternLog ?? unkept;
}

/** Makes this the log of this process. */
export function holdLog(opened: Log): void {
  held.posternLog = opened;
}

const longest = 4_000;

/**
 * A text without addresses, and without the values that PostgreSQL quotes, since these may be personal data or
 * passwords.
 */
export function withoutPeople(text: string): string {
  return text
    .slice(0, longest)
    .replaceAll(/\b([a-z][a-z+.-]*:\/\/)[^\s/]*@/gi, "$1…@")
    .replaceAll(/[^\s<>()"',;:=@/…]+@[^\s<>()"',;:=@/]+/g, "…@…")
    .replaceAll(/(\bKey \(.*?\)=|\bFailing row contains )\(.*\)/g, "$1(…)")
    .replaceAll(/(\binvalid input (?:syntax|value) [^"\n]*)".*"/g, "$1…");
}

/**
 * The message of an error for the log. Only the last line of Prisma's errors, since they quote the values to be written.
 */
export function faultText(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).trim();
  return withoutPeople(/^Invalid `/.test(text) ? (text.split("\n").at(-1) ?? "") : text);
}
