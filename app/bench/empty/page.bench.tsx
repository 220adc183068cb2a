import { connection } from "next/server";

/** The lower bound of pages for `npm run bench -- throughput`: an empty page, rendered for each request. */
export default async function EmptyPage() {
  await connection();
  return <p>Nothing is here.</p>;
}
