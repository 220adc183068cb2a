import { Sentence } from "@/components/ui/name";
import { isolated } from "@/lib/domain/text/visible-text";

/** What the replay of an edit counts, and what it leaves out. */
export function ReplayLimits({ resourceName }: { readonly resourceName: string }) {
  return (
    <details className="replay-limits">
      <summary>What is replayed</summary>
      <p>
        <Sentence
          of={`Activations and their extensions, and what administrators assigned, changed, extended or renewed, at ${isolated(resourceName)} and below. Each is judged by the settings of every level that counts for it, as they are now and with this change.`}
        />
      </p>
      <p>
        Each rule is judged separately, so one request can count in several figures. Attempts that were
        refused then, and requests of members to extend or renew other access, are not replayed. People may
        ask differently under other settings.
      </p>
    </details>
  );
}
