export default function Forbidden() {
  return (
    <div className="card">
      <h1>You cannot open this now</h1>
      <p className="mt-2 text-muted">
        Importing takes Owner or User Access Administrator at the root, held at this moment.
      </p>
    </div>
  );
}
