/** A list as a file, with its present filter; and, if there is such a file, with everything below it. */
export function ExportLinks({
  address,
  below,
  scheduled,
}: {
  readonly address: string;
  readonly below?: string | undefined;
  /** The page where exports of the list are scheduled, for readers who may. */
  readonly scheduled?: string | undefined;
}) {
  return (
    <p className="flex flex-wrap gap-x-4 text-muted max-sm:pb-1.5 print:hidden">
      <span>
        Export <Formats address={address} what="" />
      </span>
      {below ? (
        <span>
          With everything below <Formats address={below} what=" with everything below" />
        </span>
      ) : null}
      {scheduled ? <a href={scheduled}>Scheduled exports</a> : null}
    </p>
  );
}

function Formats({ address, what }: { address: string; what: string }) {
  const as = (format: string) => `${address}${address.includes("?") ? "&" : "?"}format=${format}`;
  return (
    <>
      <a href={as("csv")} download aria-label={`Export${what} as CSV`}>
        CSV
      </a>
      ,{" "}
      <a href={as("jsonl")} download aria-label={`Export${what} as JSON Lines`}>
        JSON Lines
      </a>
    </>
  );
}
