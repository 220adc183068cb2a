import { usualOrder } from "@/lib/domain/assignments/member-filter";
import { exportLimits, listOfContents } from "@/lib/domain/notifications/export-schedule";
import { csvContentType, csvHead, csvLine } from "@/lib/domain/text/comma-separated";
import type { ExportMaker } from "@/lib/operations/notifications/attach-export";
import type { Database } from "@/lib/platform/database";
import { accessFile } from "@/lib/queries/assignments/access-columns";
import { membersToExport } from "@/lib/queries/assignments/access-export";
import { type ExportToSend, exportToSend } from "@/lib/queries/notifications/export-schedules";
import { viewResource } from "@/lib/queries/resources/resources";
import { settingsFile } from "@/lib/queries/roles/settings-columns";
import { settingsToExport } from "@/lib/queries/roles/settings-export";

interface Source {
  readonly columns: readonly string[];
  /** Null if the reader may no longer read it. */
  read(after: string): Promise<{ readonly lines: readonly string[]; readonly next: string | null } | null>;
}

/** The lists of assignments in a file, one after the other. */
const tabsOf = {
  Assignments: ["eligible", "active"],
  Eligible: ["eligible"],
  Active: ["active"],
} as const;

/** What the pages export without any filter except the state of the assignments. */
function sourceOf(database: Database, userId: string, asked: ExportToSend): Source {
  const { resourceId, contents, includeBelow } = asked;
  if (contents === "RoleSettings") {
    const filter = { search: "", used: false, below: includeBelow };
    return {
      columns: settingsFile.columns,
      async read(after) {
        const page = await settingsToExport(database, { userId }, resourceId, filter, after);
        return page && { next: page.next, lines: page.rows.map((row) => csvLine(settingsFile.csv(row))) };
      },
    };
  }
  const where = includeBelow ? "below" : "above";
  const tabs = [...tabsOf[contents]];
  let tab = tabs.shift() ?? "eligible";
  const file = accessFile({ resourceId, where });
  return {
    columns: file.columns,
    async read(after) {
      const all = { roleDefinitionId: null, state: null, kind: null, search: "" };
      const filter = { ...all, tab, where, order: usualOrder(tab) } as const;
      const page = await membersToExport(database, { userId }, resourceId, filter, after);
      if (!page) return null;
      const following = page.next === null ? tabs.shift() : undefined;
      if (following) tab = following;
      const lines = page.rows.map((row) => csvLine(file.csv(row)));
      return { lines, next: following ? "" : page.next };
    },
  };
}

/** Makes the file of a scheduled export for one recipient, with what they could export themselves now; otherwise none. */
export const makeExport: ExportMaker = async (database, asked) => {
  const found = await exportToSend(database, asked);
  if (!found || found.paused) return { made: false, outcome: null };
  if (found.disabled) return { made: false, outcome: "Disabled" };
  const userId = asked.recipientId;
  const { resourceId, contents, includeBelow, administratorName, displayName, email } = found;
  const resource = await viewResource(database, { userId }, resourceId);
  const readable =
    contents === "RoleSettings" ? resource?.may.readRoleSettings : resource?.may.readAssignments;
  if (!readable) return { made: false, outcome: "NotAllowed" };
  const text = await textOf(sourceOf(database, userId, found));
  if (text === "refused") return { made: false, outcome: "NotAllowed" };
  const name = listOfContents(contents);
  const tab = contents === "RoleSettings" ? null : tabsOf[contents].join(" and ");
  return {
    made: true,
    reader: { userId, displayName, email },
    list: {
      name,
      resourceId,
      filter: { ...(tab ? { tab } : {}), ...(includeBelow ? { where: "below" } : {}) },
      schedule: { scheduleId: asked.scheduleId, administratorName },
    },
    file: text && {
      name: contents === "RoleSettings" ? "postern-role-settings.csv" : "postern-assignments.csv",
      contentType: csvContentType,
      ...text,
    },
  };
};

/** The whole file. Null if it is too large for a mail or takes too long. */
async function textOf({ columns, read }: Source): Promise<{ text: string; rows: number } | null | "refused"> {
  const begun = performance.now();
  const parts = [csvHead(columns)];
  let [rows, bytes, after] = [0, 0, ""];
  for (;;) {
    const batch = await read(after);
    if (!batch) return "refused";
    const text = batch.lines.join("");
    parts.push(text);
    rows += batch.lines.length;
    bytes += Buffer.byteLength(text);
    const long = performance.now() - begun > exportLimits.makingMilliseconds;
    if (rows > exportLimits.rows || bytes > exportLimits.bytes || long) return null;
    if (batch.next === null) return { text: parts.join(""), rows };
    after = batch.next;
  }
}
