"use client";

import { useRouter } from "next/navigation";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { Sentence } from "@/components/ui/name";
import { mostChangesText, type RoleChange } from "@/lib/domain/roles/role-change";
import { changedSettings } from "@/lib/domain/roles/role-settings";
import { inList, isolated } from "@/lib/domain/text/visible-text";
import type { RoleReplayed } from "@/lib/queries/roles/replay-several";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export type SavedOfRoles = FormOutcome & { readonly stale?: boolean };

/** Saves a change for several roles at once, as it was replayed: all of them, or none. */
export function SaveSettingsOfRoles(props: {
  readonly resourceId: string;
  readonly roles: readonly Pick<
    RoleReplayed,
    "id" | "roleName" | "version" | "present" | "settings" | "weakened" | "fault"
  >[];
  /** The page as it is, with the roles and the change in its address. */
  readonly address: string;
  /** Where the saved settings are listed. */
  readonly list: string;
  readonly hasFactor: boolean;
  readonly save: (form: FormData) => Promise<SavedOfRoles>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const router = useRouter();
  const { roles } = props;
  const names = (of: typeof roles) => inList(of.map(({ roleName }) => isolated(roleName)));
  const faulty = roles.filter(({ fault }) => fault !== null && fault !== "Unchanged");
  const unchanged = roles.filter(({ fault }) => fault === "Unchanged");
  const changing = roles.filter(({ fault }) => fault === null);
  const sent = JSON.stringify(roles.map(changeOf));
  const tooMuch = sent.length > mostChangesText;
  const weaker = changing.filter(({ weakened }) => weakened.length > 0);
  return (
    <section aria-labelledby="save-heading" className="card mt-5 max-w-prose">
      <h2 id="save-heading">Save this change</h2>
      <p className="mt-1 mb-3 wrap-anywhere">
        {tooMuch ? (
          "This is too much for one edit. Leave out some roles, and replay again."
        ) : (
          <Sentence of={savedInWords({ faulty, unchanged, changing, weaker }, names)} />
        )}
      </p>
      {faulty.length > 0 || changing.length === 0 || tooMuch ? null : (
        <ProtectedForm
          submit={async (form) => {
            const outcome = await props.save(form);
            return outcome.ok || !outcome.stale
              ? outcome
              : { ...outcome, links: [{ href: props.address, label: "Replay again" }] };
          }}
          prepare={props.prepare}
          needsCode={weaker.length > 0}
          hasFactor={props.hasFactor}
          submitLabel={changing.length === 1 ? "Save for 1 role" : `Save for ${changing.length} roles`}
          returnPath={props.address}
          onDone={() => router.push(props.list)}
        >
          <input type="hidden" name="resourceId" value={props.resourceId} />
          <input type="hidden" name="roles" value={sent} />
        </ProtectedForm>
      )}
    </section>
  );
}

/** What is saved for one role, based on the version that is shown. */
function changeOf({
  id,
  version,
  present,
  settings,
}: Pick<RoleReplayed, "id" | "version" | "present" | "settings">): RoleChange {
  const names = changedSettings(present, settings);
  return {
    roleDefinitionId: id,
    expectedVersion: version,
    changes: Object.fromEntries(names.map((name) => [name, settings[name]])),
  };
}

/** What saving would do, or why it cannot be done. */
export function savedInWords<Role>(
  of: Readonly<Record<"faulty" | "unchanged" | "changing" | "weaker", readonly Role[]>>,
  names: (roles: readonly Role[]) => string,
): string {
  if (of.faulty.length > 0)
    return `${names(of.faulty)} cannot have this change, as the list shows, so nothing can be saved. Leave ${of.faulty.length === 1 ? "it" : "them"} out, and replay again.`;
  if (of.changing.length === 0)
    return "All of these roles have these settings already. There is nothing to save.";
  const saved = `The settings of ${names(of.changing)} are saved together, or none of them if somebody else saved one meanwhile.`;
  const same =
    of.unchanged.length > 0
      ? ` ${names(of.unchanged)} ${of.unchanged.length === 1 ? "has" : "have"} these settings already.`
      : "";
  const code = of.weaker.length > 0 ? ` It weakens ${names(of.weaker)}, so one code confirms all of it.` : "";
  return saved + same + code;
}
