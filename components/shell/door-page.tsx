import { Mark } from "@/components/shell/mark";

/** A page outside the portal, for signing in and setting up: one card in the middle of the screen. */
export function DoorPage(props: { title: string; about?: React.ReactNode; children?: React.ReactNode }) {
  return (
    <main className="door">
      <div className="door-card">
        <p className="mb-6 flex items-center gap-2 font-semibold">
          <Mark />
          Postern
        </p>
        <h1>{props.title}</h1>
        {props.about ? <p className="mt-1 text-pretty text-muted wrap-anywhere">{props.about}</p> : null}
        {props.children ? <div className="mt-5 wrap-anywhere">{props.children}</div> : null}
      </div>
    </main>
  );
}
