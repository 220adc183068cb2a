import type { LendingAdapter } from "@/lib/platform/direct-transactions";
import { PrismaClient } from "@/lib/platform/generated/client";

/** A client of Prisma that uses one database after the other. */
export interface ReusableClient {
  /** The client, which connects to the database of this adapter from now on. */
  use(adapter: LendingAdapter): PrismaClient;
  /** Ends the use, once the client is disconnected. Whoever still asks by it reaches no other database. */
  done(): void;
}

/**
 * Makes a client that can be used again. A new one reads the whole schema and translates every query anew, which takes
 * longer than most tests. One that was disconnected asks its adapter for another connection, and knows its queries.
 */
export function reusableClient(): ReusableClient {
  let current: LendingAdapter | null = null;
  let client: PrismaClient | null = null;
  let revoke = () => {};
  return {
    use(adapter) {
      current = adapter;
      client ??= new PrismaClient({
        adapter: {
          provider: adapter.provider,
          adapterName: adapter.adapterName,
          connect: () => (current ?? adapter).connect(),
        },
      });
      const given = Proxy.revocable(client, {});
      revoke = given.revoke;
      return given.proxy;
    },
    done() {
      revoke();
    },
  };
}
