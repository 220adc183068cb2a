"use client";

/** For a fault outside the portal, and in its frame. Plain, since every page loads it. */
export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return (
    <main className="door">
      <div className="door-card grid gap-3">
        <p className="font-semibold">Postern</p>
        <h1>Something went wrong</h1>
        <p className="text-muted">
          The server failed, or it cannot reach its database. Nothing was left half done.
        </p>
        <button type="button" className="button button-primary" onClick={() => location.reload()}>
          Try again
        </button>
        {error.digest ? (
          <p className="text-muted">
            If this keeps happening, give an administrator this number: <code>{error.digest}</code>
          </p>
        ) : null}
      </div>
    </main>
  );
}
