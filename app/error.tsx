"use client";

/** For a fault outside the portal, and in its frame. Plain, since every page loads it. */
export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return (
    <main className="mx-auto grid max-w-md justify-items-center gap-3 px-4 py-14 text-center">
      <h1>Something went wrong</h1>
      <p className="text-muted">
        The server failed, or it cannot reach its database. Nothing was partly saved.
      </p>
      <button type="button" className="button button-primary" onClick={() => location.reload()}>
        Try again
      </button>
      {error.digest ? (
        <p className="text-muted">
          If this keeps happening, give an administrator this number: <code>{error.digest}</code>
        </p>
      ) : null}
    </main>
  );
}
