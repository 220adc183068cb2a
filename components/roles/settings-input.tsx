"use client";

import { useEffect } from "react";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** The submitted settings as one value, and what was typed before leaving to set up an authenticator app. */
export function SettingsInput(props: {
  readonly settings: RoleSettings;
  readonly people: ReadonlyMap<string, NamedPrincipal>;
  /** Whether scripts run. Without them, the fields themselves contain what was typed. */
  readonly scripted: boolean;
  readonly draftKey: string;
  readonly onDraft: (settings: RoleSettings, people: readonly NamedPrincipal[]) => void;
}) {
  const { draftKey, onDraft } = props;
  // Reads the draft before the surrounding form removes it, since effects of children run first.
  useEffect(() => {
    const draft = sessionStorage.getItem(draftKey);
    if (!draft) return;
    const typed = new Map(JSON.parse(draft) as [string, string][]);
    const [settings, people] = [typed.get("settings"), typed.get("people")];
    if (settings && people)
      onDraft(JSON.parse(settings) as RoleSettings, JSON.parse(people) as NamedPrincipal[]);
  }, [draftKey, onDraft]);
  return (
    <>
      <input
        type="hidden"
        name="settings"
        disabled={!props.scripted}
        value={JSON.stringify(props.settings)}
      />
      <input
        type="hidden"
        name="people"
        disabled={!props.scripted}
        value={JSON.stringify([...props.people.values()])}
      />
    </>
  );
}
