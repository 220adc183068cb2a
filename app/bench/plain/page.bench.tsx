import { connection } from "next/server";

/**
 * The cost of HTML itself, for `npm run bench -- throughput`: as many plain links as `?links=` says, each of
 * about 550 bytes with what React adds, without a component, a database query or client code.
 */
export default async function PlainPage(props: { searchParams: Promise<{ links?: string }> }) {
  await connection();
  const { links = "100" } = await props.searchParams;
  return (
    <nav className="pane">
      {Array.from({ length: Number(links) }, (_, index) => `Page ${index}`).map((name) => (
        <a key={name} href="/my-requests" className="pane-link">
          <svg aria-hidden="true" className="icon shrink-0" width="17" height="17">
            <use href="/icon.svg" />
          </svg>
          <span className="pane-label">{name}</span>
        </a>
      ))}
    </nav>
  );
}
