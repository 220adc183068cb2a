import Link from "next/link";

export default function NotFound() {
  return (
    <main className="mx-auto grid min-h-[60dvh] max-w-md content-center gap-3 p-4">
      <h1>Not found</h1>
      <p className="text-muted">There is nothing here, or nothing that you may see.</p>
      <p>
        <Link className="button" href="/">
          Go home
        </Link>
      </p>
    </main>
  );
}
