export default function Forbidden() {
  return (
    <div className="card">
      <h1>You cannot open this now</h1>
      <p className="mt-2 text-muted">
        It takes a role that you do not hold at this moment. If you are eligible for one, activate it in the
        banner above.
      </p>
    </div>
  );
}
