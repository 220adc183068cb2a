/** The Postern logo: a gate in a wall. The name is beside it. */
export function Mark() {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className="size-6 shrink-0">
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <path d="M9 26V14a7 7 0 0 1 14 0v12" fill="none" stroke="var(--on-accent)" strokeWidth="3" />
    </svg>
  );
}
