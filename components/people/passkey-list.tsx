import { type PasskeyActions, RemovePasskey, RenamePasskey } from "@/components/people/passkey-actions";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";

export interface ShownPasskey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  /** Whether it is synced or backed up, in words. */
  readonly kept: string;
}

/** The reader's passkeys, each with when it was last used, **Rename** and **Remove**. */
export function PasskeyList({ rows, ...actions }: { rows: readonly ShownPasskey[] } & PasskeyActions) {
  return (
    <ul className="grid gap-3">
      {rows.map((passkey) => (
        <li
          key={passkey.id}
          className="flex flex-wrap items-center gap-3 border-t border-line pt-3 first:border-0 first:pt-0"
        >
          <p className="grow basis-60 wrap-anywhere">
            <strong>
              <Name of={passkey.name} />
            </strong>
            <span className="block text-muted">
              {passkey.kept}. Added <Moment value={passkey.createdAt} />
            </span>
            <span className="block text-muted">
              {passkey.lastUsedAt ? (
                <>
                  Last used <Moment value={passkey.lastUsedAt} />
                </>
              ) : (
                "Not used yet"
              )}
            </span>
          </p>
          <div className="flex gap-3">
            <RenamePasskey passkey={{ id: passkey.id, name: passkey.name }} rename={actions.rename} />
            <RemovePasskey
              passkey={{ id: passkey.id, name: passkey.name }}
              remove={actions.remove}
              prepareRemoval={actions.prepareRemoval}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}
