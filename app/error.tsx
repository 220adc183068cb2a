"use client";

export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  return (
    <main className="mx-auto grid min-h-[60dvh] max-w-md content-center gap-3 p-4">
      <h1>This did not work</h1>
      <p className="text-muted">
        Something failed on the server, or its database cannot be reached. Nothing half-done stays behind.
      </p>
      <p>
        <button type="button" className="button button-primary" onClick={reset}>
          Try again
        </button>
      </p>
    </main>
  );
}
