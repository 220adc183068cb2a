import pg from "pg";
import { Prisma } from "@/lib/platform/generated/client";

type Parser = (text: string) => unknown;

const { builtins, getTypeParser } = pg.types;
const textArrayId: number = 1009;
const textArray: (text: string) => readonly (string | null)[] = getTypeParser(textArrayId);
const buffer: (text: string) => Buffer = getTypeParser(builtins.BYTEA);
const arrayOf =
  (parse: Parser): Parser =>
  (text) =>
    textArray(text).map((each) => (each === null ? null : parse(each)));

const decimal: Parser = (text) => new Prisma.Decimal(text);
/** As the same time in UTC, whatever its zone says. */
const inUtc = (text: string) => new Date(`${text.replace(" ", "T").replace(/[+-]\d\d(:\d\d)?$/, "")}Z`);
const moment: Parser = inUtc;
const zonedMoment = getTypeParser(builtins.TIMESTAMPTZ);
const day: Parser = (text) => new Date(text);
const timeOfDay: Parser = (text) => inUtc(`1970-01-01T${text}`);
const bytes: Parser = (text) => new Uint8Array(buffer(text));
const json: Parser = (text) => JSON.parse(text);

/** The types that `pg` reads in another way than Prisma, by their ids, with their arrays. */
const parsers: Readonly<Record<number, Parser>> = {
  [builtins.INT8]: BigInt,
  1016: arrayOf(BigInt),
  [builtins.OID]: BigInt,
  1028: arrayOf(BigInt),
  [builtins.NUMERIC]: decimal,
  1231: arrayOf(decimal),
  [builtins.TIMESTAMP]: moment,
  1115: arrayOf(moment),
  1185: arrayOf(zonedMoment),
  [builtins.DATE]: day,
  1182: arrayOf(day),
  [builtins.TIME]: timeOfDay,
  1183: arrayOf(timeOfDay),
  [builtins.BYTEA]: bytes,
  1001: arrayOf(bytes),
  199: arrayOf(json),
  3807: arrayOf(json),
};

/** Reads what `pg` receives as Prisma would. */
export const types = {
  getTypeParser: (id: number, format?: "text" | "binary") =>
    parsers[id] ?? getTypeParser(id, format ?? "text"),
};

/** What Prisma's adapter sends. Moments and bytes are the only values that `pg` would write in another way. */
function argument(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return Prisma.Decimal.isDecimal(value) ? value.toString() : value;
}

/** A raw query as `pg` takes it: its text, and the values as Prisma would send them. */
export function directly(
  first: TemplateStringsArray | Prisma.Sql,
  values: readonly unknown[],
): { readonly text: string; readonly given: unknown[] } {
  const query = "text" in first ? first : Prisma.sql(first, ...values);
  return { text: query.text, given: query.values.map(argument) };
}
