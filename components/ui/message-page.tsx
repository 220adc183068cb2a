/** A page that explains why there is nothing to show, and what to do next. */
export function MessagePage(props: {
  icon: React.ReactNode;
  title: string;
  text: string;
  children?: React.ReactNode;
}) {
  return (
    <div className="message-page mx-auto grid max-w-md justify-items-center gap-3 px-4 py-14 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-sunken text-muted">{props.icon}</span>
      <h1>{props.title}</h1>
      <p className="text-balance text-muted">{props.text}</p>
      <div className="mt-2 flex flex-wrap justify-center gap-2">{props.children}</div>
    </div>
  );
}
