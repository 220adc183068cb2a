"use client";

import { memo, Suspense, useCallback, useEffect, useState } from "react";
import { isSelectable, type MemberView, type ShownMoment } from "@/components/assignments/member-view";
import { changeInAddress } from "@/components/assignments/opened-change";
import type { OpenedChange, RowChangeActions } from "@/components/assignments/row-change";
import { later } from "@/components/ui/later";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { RowCheckbox } from "@/components/ui/lists/list-selection";
import { RowAction, RowActions } from "@/components/ui/lists/row-actions";
import { Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import type { MemberOrder, MemberTab } from "@/lib/domain/assignments/member-filter";
import { historyPage } from "@/lib/domain/audit/history-page";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { SortableHead } from "@/lib/web/list-order";

export interface MemberTableProps {
  /** How a row is changed; null if nothing can be changed. */
  actions: RowChangeActions | null;
  label: string;
  tab: MemberTab;
  total: React.ComponentProps<typeof TableFrame>["total"];
  pages: React.ComponentProps<typeof TableFrame>["pages"];
  aside: React.ReactNode;
  oneRole: boolean;
  /** The resource of the list; empty for the list of everything. */
  resourceId: string;
  /** Whether the caller may open people's pages, or otherwise their histories. */
  linkPeople: boolean;
  histories: boolean;
  /** The columns by which the list is or can be sorted. */
  sorted: readonly (SortableHead & { readonly by: MemberOrder["by"] })[];
}

const RowChange = later(() =>
  import("@/components/assignments/row-change").then((module) => module.RowChange),
);

/** Members with their state, times, where the access was given, and actions. */
export function MemberTable({
  rows,
  oneRole,
  linkPeople,
  histories,
  ...props
}: MemberTableProps & { rows: readonly MemberView[] }) {
  const [opened, setOpened] = useState<OpenedChange | null>(null);
  const open = useCallback(
    (change: OpenedChange["change"], row: MemberView) => setOpened({ change, row }),
    [],
  );
  const makesEligible = (props.actions?.makeEligible ?? null) !== null;
  useOpenedByAddress(rows, open, makesEligible);
  const selecting = rows.some((row) => isSelectable(row, props.tab));
  const acting = rows.some((row) => row.may !== null);
  const elsewhere = rows.some((row) => row.from !== null);
  const head = (by: MemberOrder["by"], label: string) => props.sorted.find((each) => each.by === by) ?? label;
  return (
    <>
      <TableFrame
        label={props.label}
        total={props.total}
        pages={props.pages}
        aside={props.aside}
        head={[
          ...(selecting ? ["Select"] : []),
          head("member", "Member"),
          ...(oneRole ? [] : ["Role"]),
          "State",
          head("start", "Start"),
          head("end", "End"),
          ...(elsewhere ? [props.resourceId ? "From" : "Resource"] : []),
          ...(acting ? ["Action"] : []),
        ]}
      >
        {rows.map((row) => (
          <MemberTableRow
            key={row.id}
            row={row}
            resourceId={props.resourceId}
            selectable={selecting ? isSelectable(row, props.tab) : null}
            oneRole={oneRole}
            elsewhere={elsewhere}
            acting={acting}
            makesEligible={makesEligible}
            page={linkPeople ? personPage : histories ? historyPage : null}
            open={open}
          />
        ))}
      </TableFrame>
      {opened && props.actions ? (
        <Suspense>
          <RowChange {...props.actions} {...opened} onClose={() => setOpened(null)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** Opens the change that the address names, once. Its author is back from setting up a second factor. */
function useOpenedByAddress(
  rows: readonly MemberView[],
  open: (change: OpenedChange["change"], row: MemberView) => void,
  makesEligible: boolean,
) {
  useEffect(() => {
    const asked = changeInAddress(window.location.href);
    if (!asked) return;
    window.history.replaceState(window.history.state, "", asked.rest);
    const row = rows.find(({ id }) => id === asked.id);
    const change = row && changesOf(row, makesEligible).find((each) => each === asked.change);
    if (row && change) open(change, row);
  }, [rows, open, makesEligible]);
}

const personPage = (principalId: string) => `/people/${principalId}`;

const tones = { Eligible: "", Assigned: " badge-accent", Activated: " badge-accent" } as const;

const MemberTableRow = memo(function MemberTableRow(props: {
  row: MemberView;
  resourceId: string;
  /** Null if no row can be selected. */
  selectable: boolean | null;
  oneRole: boolean;
  elsewhere: boolean;
  acting: boolean;
  /** Whether an active assignment can be made eligible. */
  makesEligible: boolean;
  /** The page of a member's name; null for none. */
  page: ((principalId: string) => string) | null;
  open: (change: OpenedChange["change"], row: MemberView) => void;
}) {
  const { row } = props;
  const subject = `${isolated(row.roleName)} of ${principalText(row.member)}`;
  const over = row.mark !== null && row.mark !== "Scheduled";
  return (
    <tr>
      {props.selectable === null ? null : (
        <td className="cell-select">
          {props.selectable ? <RowCheckbox id={row.id} label={`Select ${subject}`} /> : null}
        </td>
      )}
      <td>
        <PrincipalName of={row.member} href={props.page?.(row.member.id)} />
      </td>
      {props.oneRole ? null : (
        <td>
          {/* Beside the list itself, so that a page of rows does not name its resource fifty times. */}
          <a href={row.from ? `/resources/${row.from.id}/roles/${row.roleId}` : `roles/${row.roleId}`}>
            <Name of={row.roleName} />
          </a>
        </td>
      )}
      <td>
        <span className={`badge${over ? "" : tones[row.state]}`}>{row.state}</span>
        {row.mark ? <span className="cell-note">{row.mark}</span> : null}
      </td>
      <td>
        <Time of={row.start} />
      </td>
      <td>
        {row.end ? <Time of={row.end} /> : "Permanent"}
        {row.end ? <span className="cell-note">{row.end.distance}</span> : null}
      </td>
      {props.elsewhere ? (
        <td className="cell-wide">
          {row.from ? (
            <From of={row.from} href={`/resources/${row.from.id}${props.resourceId ? "/assignments" : ""}`} />
          ) : (
            "Here"
          )}
        </td>
      ) : null}
      {props.acting ? (
        <td className={row.may === null ? "cell-none" : "cell-actions"}>
          <RowActions about={subject} seen={0} comeNear={RowChange.comeNear}>
            {changesOf(row, props.makesEligible).map((change) => (
              <RowAction
                key={change}
                label={change}
                about={subject}
                danger={change === "Remove"}
                comeNear={RowChange.comeNear}
                onSelect={() => props.open(change, row)}
              />
            ))}
          </RowActions>
        </td>
      ) : null}
    </tr>
  );
});

/** A time in words. The exact one is added when the pointer is on it, since a page of rows has a hundred. */
function Time({ of }: { of: ShownMoment }) {
  const [pointed, setPointed] = useState(false);
  return (
    <span
      title={pointed ? `${of.iso.replace("T", " ").slice(0, 19)} UTC` : undefined}
      onPointerEnter={() => setPointed(true)}
    >
      {of.words}
    </span>
  );
}

function From({ of, href }: { of: NonNullable<MemberView["from"]>; href: string }) {
  return (
    <>
      <a href={href}>
        <Name of={of.name} />
      </a>
      {of.below ? (
        <code className="cell-scope">
          <bdi>{of.scope}</bdi>
        </code>
      ) : (
        <span className="cell-note">Inherited</span>
      )}
    </>
  );
}

function changesOf(row: MemberView, makesEligible: boolean): OpenedChange["change"][] {
  if (row.may === null) return [];
  if (row.may === "renew") return ["Renew"];
  if (row.state === "Activated") return ["Remove"];
  const turned = makesEligible && row.state === "Assigned" && row.member.type !== "ServicePrincipal";
  return [
    ...(row.end ? (["Extend"] as const) : []),
    "Update",
    ...(turned ? (["Make eligible"] as const) : []),
    "Remove",
  ];
}
