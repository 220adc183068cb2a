import { connection } from "next/server";

/** The floor of `npm run bench -- throughput`: nothing but an answer. */
export async function GET(): Promise<Response> {
  await connection();
  return new Response("Nothing but an answer.");
}
