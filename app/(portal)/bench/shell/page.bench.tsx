/** An empty page inside the shell, for `npm run bench -- throughput`. */
export default function EmptyPageInTheShell() {
  return <p>Nothing is here.</p>;
}
