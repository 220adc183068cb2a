import { shortcutsFor } from "@/lib/web/shortcuts";

/** The shortcuts to pages that this person can open, and those that work everywhere. */
export function ShortcutList({ hrefs }: { hrefs: readonly string[] }) {
  return (
    <dl className="keys grid gap-x-8 sm:grid-cols-2">
      {[{ keys: ["Ctrl or ⌘", "K"], label: "Search everything" }, ...shortcutsFor(hrefs)].map((each) => (
        <div
          key={each.label}
          className="flex items-center justify-between gap-3 border-b border-line py-1.5 last:border-0"
        >
          <dt>{each.label}</dt>
          <dd className="flex gap-1">
            {each.keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
