import { Sentence } from "@/components/ui/name";
import type { Refused } from "@/lib/web/form-outcome";

/** Whether a refusal adds nothing to the errors beside the fields that are on screen. */
export function standsAtField(form: HTMLFormElement, { message, fieldErrors }: Refused): boolean {
  const beside = Object.entries(fieldErrors)
    .filter(([name]) => isOnScreen(form.elements.namedItem(name)))
    .map(([, error]) => error);
  return beside.includes(message) || [...new Set(beside)].join(" ") === message;
}

function isOnScreen(field: RadioNodeList | Element | null): boolean {
  if (field instanceof HTMLInputElement) return field.type !== "hidden";
  return field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement;
}

/** Why a form was refused. If the text is on screen already, it is only announced. */
export function FormRefusal({ refusal, onScreen }: { refusal: Refused | null; onScreen: boolean }) {
  return (
    <div aria-live="polite" className="basis-full empty:absolute has-[.sr-only]:absolute">
      {refusal ? (
        <p role="alert" className={onScreen ? "sr-only" : "rounded-md bg-danger-tint px-3 py-2 text-danger"}>
          <Sentence of={refusal.message} />{" "}
          {refusal.signedOut ? (
            <a href="/sign-in" target="_blank" rel="noreferrer">
              Sign in
            </a>
          ) : null}
          {refusal.links.map(({ href, label }) => (
            <a key={href} className="mr-3 underline" href={href}>
              <Sentence of={label} />
            </a>
          ))}
        </p>
      ) : null}
    </div>
  );
}
