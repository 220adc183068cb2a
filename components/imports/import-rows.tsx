import { TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { LongText, Name, Sentence } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { importTitle } from "@/lib/domain/imports/import-kinds";
import type { ImportPrincipal } from "@/lib/domain/imports/import-principal";
import { roleSettingSections } from "@/lib/domain/roles/role-setting-rows";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { inReadersZone } from "@/lib/domain/time/moment-format";
import type { ImportRowView } from "@/lib/queries/imports/imports";
import { readerTimes } from "@/lib/web/reader-zone";
import { linkToException } from "@/lib/web/refusal-outcome";

const states = {
  Pending: "Waits",
  NeedsProof: "Waits for a second factor",
  Applied: "Applied",
  Unchanged: "Unchanged",
  Failed: "Skipped",
};

const words: Readonly<Record<string, string>> = {
  displayName: "Name",
  roleName: "Name",
  email: "Email",
  externalId: "External id",
  resourceType: "Type",
  description: "Description",
  actions: "Actions",
  notActions: "Not actions",
  dataActions: "Data actions",
  notDataActions: "Not data actions",
  assignableScopes: "Assignable scopes",
  group: "Group",
  member: "Member",
  principal: "Member",
  role: "Role",
  scope: "Scope",
  startsAt: "Start",
  endsAt: "End",
};

/** Settings are named by their labels, in the order of their page. */
const settings = roleSettingSections({ ...defaultRoleSettings, approvalRequired: true }, String).flatMap(
  ({ rows }) => rows.map(({ label }) => label),
);
const order = [...Object.keys(words), ...settings];

/** The fields of a row in a fixed order, whatever order the database stores. */
function inOrder(names: readonly string[]): string[] {
  return names.toSorted((left, right) => order.indexOf(left) - order.indexOf(right));
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  return Array.isArray(value) ? value.join(", ") || "–" : String(value);
}

/** A value in words. Moments are in the reader's zone. */
function Value({ name, value }: { name: string; value: unknown }) {
  if (name !== "endsAt" && name !== "startsAt") return <LongText of={shown(value)} />;
  return <Moment value={typeof value === "string" ? new Date(value) : null} />;
}

/** What a row would change, field by field. Leaves out what stays the same. */
function Difference({ difference }: { difference: ImportRowView["difference"] }) {
  if (!difference) return null;
  const { before, after } = difference;
  if (!after) {
    return (
      <del className="text-muted wrap-anywhere">
        {inOrder(Object.keys(before ?? {}))
          .map((name) => `${words[name] ?? name}: ${isolated(shown(before?.[name]))}`)
          .join(", ")}
      </del>
    );
  }
  const names = inOrder(Object.keys(after)).filter((name) =>
    before
      ? shown(before[name]) !== shown(after[name])
      : name === "endsAt" || shown(after[name]) !== shown(null),
  );
  return (
    <dl>
      {names.map((name) => (
        <div key={name} className="wrap-anywhere">
          <dt className="inline text-muted">{words[name] ?? name}: </dt>
          <dd className="inline">
            {before ? (
              <>
                <del className="text-muted">
                  <Value name={name} value={before[name]} />
                </del>{" "}
                →{" "}
                <ins className="no-underline">
                  <Value name={name} value={after[name]} />
                </ins>
              </>
            ) : (
              <Value name={name} value={after[name]} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The principals that the row refers to, each with address or external id, and id. */
function Meanings({ of: principals }: { of: readonly ImportPrincipal[] }) {
  if (principals.length === 0) return null;
  return (
    <dl className="mt-1 text-[0.86rem]">
      {principals.map(({ as, id, ...principal }) => (
        <div key={`${as} ${id ?? principal.externalId}`} className="wrap-anywhere">
          <dt className="inline text-muted">{as}: </dt>
          <dd className="inline">
            {id === null ? (
              <>
                <Name of={principal.displayName} />{" "}
                <span className="text-muted">(new, external id {principal.externalId})</span>
              </>
            ) : (
              <>
                <PrincipalName of={{ ...principal, id, former: [] }} inline />{" "}
                <code className="text-muted">{id}</code>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The position of a row in its file, or in one of several files. */
function placeOf({ number, line, kind, fileName }: ImportRowView): string {
  if (line === 0) return "Not in the file";
  if (kind === null || fileName === null) return `Row ${number} (line ${line})`;
  return `Row ${number}, ${importTitle(kind)} (${isolated(fileName)}, line ${line})`;
}

/** The rows of an import: line in the file, changes, and the reason if it is skipped. */
export async function ImportRows({
  rows,
  ...around
}: { rows: readonly ImportRowView[] } & Pick<React.ComponentProps<typeof TableFrame>, "total" | "pages">) {
  const times = await readerTimes();
  const differ = rows.some((row) => row.difference !== null);
  const head = ["About", ...(differ ? ["Difference"] : []), "Note", "State"];
  return (
    <TableFrame label="Rows" head={head} {...around}>
      {rows.map((row) => (
        <tr key={row.number}>
          <td className="wrap-anywhere">
            <bdi>
              <Sentence of={row.title || "–"} />
            </bdi>
            <span className="block text-[0.86rem] text-muted">
              <Sentence of={placeOf(row)} />
            </span>
            <Meanings of={row.principals} />
          </td>
          {differ ? (
            <td className="cell-wide">
              <Difference difference={row.difference} />
            </td>
          ) : null}
          <td className={row.reason || row.exceptions.length > 0 ? "cell-wide" : "cell-none"}>
            {inReadersZone(row.reason ?? "", times)
              .split("\n")
              .map((line) => (
                <span key={line} className="block">
                  <Sentence of={line} />
                </span>
              ))}
            {row.exceptions.map(linkToException).map(({ href, label }) => (
              // A link within a sentence is underlined. One that is the whole cell is not.
              <span key={href} className="block">
                <a href={href} className="tap">
                  <Sentence of={label} />
                </a>
              </span>
            ))}
          </td>
          <td className="whitespace-nowrap">{row.outcome === "Missing" ? "Stays" : states[row.state]}</td>
        </tr>
      ))}
    </TableFrame>
  );
}
