/** A list as a file, with the filter that it has. */
export function ExportLinks({ address }: { readonly address: string }) {
  const as = (format: string) => `${address}${address.includes("?") ? "&" : "?"}format=${format}`;
  return (
    <p className="text-muted">
      Export{" "}
      <a href={as("csv")} download aria-label="Export as CSV">
        CSV
      </a>
      ,{" "}
      <a href={as("jsonl")} download aria-label="Export as JSON Lines">
        JSON Lines
      </a>
    </p>
  );
}
