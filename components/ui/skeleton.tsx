/** A placeholder for content that is loading. */
export function Skeleton({ className }: { className: string }) {
  return <div aria-hidden className={`skeleton ${className}`} />;
}

/** A placeholder for a list: title, tabs or search, and rows of the real height. */
export function ListSkeleton({ rows = 8, tabs = 0 }: { rows?: number; tabs?: number }) {
  return (
    <div role="status" aria-label="Loading">
      <Skeleton className="mb-3 h-4 w-32" />
      <Skeleton className="mb-2 h-7 w-56" />
      <Skeleton className="mb-6 h-4 w-80 max-w-full" />
      {tabs > 0 ? (
        <div className="mb-4 flex gap-6 border-b border-line pb-3">
          {Array.from({ length: tabs }, (_, index) => (
            <Skeleton key={index.toString()} className="h-4 w-24" />
          ))}
        </div>
      ) : null}
      <div className="table-region">
        {Array.from({ length: rows }, (_, index) => (
          <div key={index.toString()} className="flex gap-6 border-b border-line px-4 py-3 last:border-0">
            <Skeleton className="h-4 w-1/3" />
            <Skeleton className="h-4 w-1/4" />
            <Skeleton className="h-4 w-1/5" />
          </div>
        ))}
      </div>
    </div>
  );
}
