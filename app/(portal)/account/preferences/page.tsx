import type { Metadata } from "next";
import { ShortcutList } from "@/components/preferences/shortcut-list";
import { ShortcutsChoice } from "@/components/preferences/shortcuts-choice";
import { pagesFor } from "@/components/shell/portal-pages";
import { PageHeader } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { readShell } from "@/lib/queries/preferences/shell";
import { requireCaller } from "@/lib/web/request";
import { saveShortcuts } from "./actions";

export const metadata: Metadata = { title: "Keyboard shortcuts" };

export default async function PreferencesPage() {
  const caller = await requireCaller();
  const shell = await readShell(application().database, caller);
  return (
    <>
      <PageHeader
        title="Keyboard shortcuts"
        description="Work without the mouse. Shortcuts are off while you type in a field."
      />
      <div className="grid max-w-3xl gap-5">
        <section aria-label="Choice" className="card">
          <ShortcutsChoice enabled={shell.shortcuts} save={saveShortcuts} />
        </section>
        <section aria-label="Shortcuts" className="card">
          <ShortcutList hrefs={pagesFor(shell.rights).map(({ href }) => href)} />
        </section>
      </div>
    </>
  );
}
