"use client";

import { useEffect, useRef } from "react";
import { BarListNote, useBarList } from "@/components/shell/bar-list";
import { Name } from "@/components/ui/name";
import { usePassed } from "@/components/ui/use-passed";
import { isolated } from "@/lib/domain/text/visible-text";
import { endsSoon, shortTimeLeft } from "@/lib/domain/time/time-left";
import type { HeldRole } from "@/lib/queries/activation/held-roles";

/** The roles that are active now, read when the list opens: time left, **Deactivate**, and **Deactivate all**. */
export default function HeldList(props: {
  readonly onEnd: (roles: readonly HeldRole[]) => void;
  /** A link was followed. */
  readonly onFollow: () => void;
  readonly onRead: (count: number) => void;
}) {
  const list = useBarList<HeldRole>("/held");
  const roles = list.items;
  const passed = usePassed(roles);
  const onRead = useRef(props.onRead);
  onRead.current = props.onRead;
  useEffect(() => {
    if (roles) onRead.current(roles.length);
  }, [roles]);

  const held = (roles ?? []).filter((role) => role.millisecondsLeft > passed);
  return (
    <>
      <div className="bar-panel-head">
        <h2>Active now</h2>
        <a href="/my-roles?tab=active" onClick={props.onFollow}>
          My roles
        </a>
      </div>
      {held.length === 0 || list.failed ? (
        <BarListNote list={{ ...list, items: roles && held }} empty="No role is active." />
      ) : (
        <ul>
          {held.map((role) => (
            <HeldRow
              key={role.id}
              role={role}
              left={role.millisecondsLeft - passed}
              onEnd={() => props.onEnd([role])}
              onFollow={props.onFollow}
            />
          ))}
        </ul>
      )}
      {held.length > 1 ? (
        <div className="bar-panel-foot">
          <button type="button" className="button" onClick={() => props.onEnd(held)}>
            Deactivate all
          </button>
        </div>
      ) : null}
    </>
  );
}

function HeldRow(props: { role: HeldRole; left: number; onEnd: () => void; onFollow: () => void }) {
  const { role, left } = props;
  const soon = endsSoon(left);
  const subject = `${isolated(role.roleName)} on ${isolated(role.resourceName)}`;
  return (
    <li>
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1 wrap-anywhere">
          <p className="font-medium">
            <Name of={role.roleName} />
          </p>
          <p className="text-muted">
            <Name of={role.resourceName} />
          </p>
          <p className={`tabular-nums ${soon ? "text-warning" : "text-accent"}`}>
            {shortTimeLeft(left)} left
          </p>
        </div>
        <button
          type="button"
          className="button shrink-0"
          aria-label={`Deactivate ${subject}`}
          onClick={props.onEnd}
        >
          Deactivate
        </button>
      </div>
      {soon ? (
        <p className="held-more">
          Need more time?{" "}
          <a href={`/my-roles?tab=active&extend=${role.id}`} onClick={props.onFollow}>
            Extend <span className="sr-only">{subject}</span>
          </a>
        </p>
      ) : null}
    </li>
  );
}
