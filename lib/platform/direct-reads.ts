import pg from "pg";
import { Prisma, type PrismaClient } from "@/lib/platform/generated/client";
import { logContext } from "@/lib/platform/log-context";
import { statementSummary } from "@/lib/platform/statement-summary";
import { traced } from "@/lib/platform/tracing";

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
/** As the same time in UTC, whatever its zone is. */
const inUtc = (text: string) => new Date(`${text.replace(" ", "T").replace(/[+-]\d\d(:\d\d)?$/, "")}Z`);
const moment: Parser = inUtc;
const zonedMoment = getTypeParser(builtins.TIMESTAMPTZ);
const day: Parser = (text) => new Date(text);
const timeOfDay: Parser = (text) => inUtc(`1970-01-01T${text}`);
const bytes: Parser = (text) => new Uint8Array(buffer(text));
const json: Parser = (text) => JSON.parse(text);

/** The types that `pg` parses differently from Prisma, by their ids, with their arrays. */
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

const types = {
  getTypeParser: (id: number, format?: "text" | "binary") =>
    parsers[id] ?? getTypeParser(id, format ?? "text"),
};

/** What Prisma's adapter sends. Moments and bytes are the only values that `pg` would send differently. */
function argument(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return Prisma.Decimal.isDecimal(value) ? value.toString() : value;
}

/** What each request is asking at this moment, by its text and values. */
const underWay = new WeakMap<object, Map<string, Promise<readonly unknown[]>>>();

/**
 * When the parts of a page ask the same at the same time, such as what their reader may do, it is asked once. A
 * question that comes after the answer is asked again, and so is one from another request.
 */
function askedOnce(key: string, ask: () => Promise<readonly unknown[]>): Promise<readonly unknown[]> {
  const context = logContext();
  if (!context) return ask();
  const asking = underWay.get(context) ?? new Map<string, Promise<readonly unknown[]>>();
  underWay.set(context, asking);
  const same = asking.get(key);
  if (same) return same;
  const answer = ask().finally(() => asking.delete(key));
  asking.set(key, answer);
  return answer;
}

const keyOf = (text: string, values: readonly unknown[]) =>
  text + JSON.stringify(values, (_, value) => (typeof value === "bigint" ? `${value}n` : value));

/**
 * The same client with raw queries that go straight to the pool, under the same names of prepared statements,
 * and return what Prisma would. Prisma's own layers take four times as long in this process, and pages ask ten
 * such questions (docs/decisions/speed.md). Named statements go to the connections that keep their plans.
 */
export function withDirectReads(
  client: PrismaClient,
  { pool, kept }: { readonly pool: pg.Pool; readonly kept: pg.Pool },
  nameOf: (query: { readonly sql: string }) => string,
): PrismaClient {
  async function queryRaw(
    first: TemplateStringsArray | Prisma.Sql,
    ...values: readonly unknown[]
  ): Promise<unknown> {
    const query = "text" in first ? first : Prisma.sql(first, ...values);
    const { text } = query;
    const given = query.values.map(argument);
    const rows = await askedOnce(keyOf(text, given), () =>
      traced("read", "client", async (span) => {
        const name = nameOf({ sql: text });
        const answer = await (name ? kept : pool).query<object>({ name, text, values: given, types });
        span?.set({
          "db.system.name": "postgresql",
          "db.query.summary": statementSummary(text),
          "db.response.returned_rows": answer.rows.length,
        });
        return answer.rows;
      }),
    );
    return [...rows];
  }
  return new Proxy(client, {
    get: (target, key) => (key === "$queryRaw" ? queryRaw : Reflect.get(target, key)),
  });
}
