import type pg from "pg";
import { directly, types } from "@/lib/platform/direct-values";
import type { Prisma, PrismaClient } from "@/lib/platform/generated/client";
import { logContext } from "@/lib/platform/log-context";
import { sentTogether } from "@/lib/platform/sent-together";
import { statementSummary } from "@/lib/platform/statement-summary";
import { traced } from "@/lib/platform/tracing";

type Rows = Promise<readonly object[]>;

/** What each request is asking at this moment, by its words and then by its values. */
const underWay = new WeakMap<object, Map<string, Map<string, Rows>>>();

/**
 * When the parts of a page ask the same at the same time, such as what their reader may do, it is asked once. A
 * question that comes after the answer is asked again, and so is one from another request.
 */
function askedOnce(context: object, text: string, values: readonly unknown[], ask: () => Rows): Rows {
  const asking = underWay.get(context) ?? new Map<string, Map<string, Rows>>();
  underWay.set(context, asking);
  const byValues = asking.get(text) ?? new Map<string, Rows>();
  asking.set(text, byValues);
  const key = JSON.stringify(values, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
  const same = byValues.get(key);
  if (same) return same;
  const answer = ask().finally(() => byValues.delete(key));
  byValues.set(key, answer);
  return answer;
}

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
  const together = sentTogether(kept);
  async function queryRaw(
    first: TemplateStringsArray | Prisma.Sql,
    ...values: readonly unknown[]
  ): Promise<unknown> {
    const { text, given } = directly(first, values);
    const name = nameOf({ sql: text });
    const context = logContext();
    const ask = () =>
      traced("read", "client", async (span) => {
        const asked = { name, text, values: given, types };
        const answer = await (name ? together(context, asked) : pool.query<object>(asked));
        span?.set({
          "db.system.name": "postgresql",
          "db.query.summary": statementSummary(text),
          "db.response.returned_rows": answer.rows.length,
        });
        return answer.rows;
      });
    const rows = await (context ? askedOnce(context, text, given, ask) : ask());
    return [...rows];
  }
  return new Proxy(client, {
    get: (target, key) => (key === "$queryRaw" ? queryRaw : Reflect.get(target, key)),
  });
}
