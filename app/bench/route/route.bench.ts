import { connection } from "next/server";

/** The lower bound of `npm run bench -- throughput`: an empty answer. */
export async function GET(): Promise<Response> {
  await connection();
  return new Response("Nothing but an answer.");
}
