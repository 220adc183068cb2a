import Link from "next/link";

export default function NotFound() {
  return (
    <div className="card">
      <h1>Not found</h1>
      <p className="mt-2 mb-4 text-muted">There is nothing here, or nothing that you may see.</p>
      <Link className="button" href="/">
        Go home
      </Link>
    </div>
  );
}
