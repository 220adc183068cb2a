import { connection } from "next/server";

/** The floor of pages for `npm run bench -- throughput`: nothing, drawn anew for each request. */
export default async function EmptyPage() {
  await connection();
  return <p>Nothing is here.</p>;
}
