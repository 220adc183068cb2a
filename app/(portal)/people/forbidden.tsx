export default function Forbidden() {
  return (
    <div className="card">
      <h1>You cannot open this now</h1>
      <p className="mt-2 text-muted">
        It takes a role at the root that you do not hold at this moment, such as Reader to see people, and
        Owner or User Access Administrator to change them.
      </p>
    </div>
  );
}
