import type pg from "pg";
import { directly, types } from "@/lib/platform/direct-values";
import type { Prisma, PrismaClient } from "@/lib/platform/generated/client";
import { logContext } from "@/lib/platform/log-context";
import { statementSummary } from "@/lib/platform/statement-summary";
import { traced } from "@/lib/platform/tracing";

/** What each request is asking at this moment, by its words and values. */
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
    const { text, given } = directly(first, values);
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
