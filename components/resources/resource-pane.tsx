"use client";

import { type PaneItem, PaneLinks, usePaneClicks } from "@/components/shell/pane-links";
import { FavouriteStar } from "@/components/ui/favourite-star";
import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";
import { Name } from "@/components/ui/name";
import { toast } from "@/components/ui/toast";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** The pages of a resource that require a right. The others are open to everybody who may know of the resource. */
const pages = [
  { path: "/roles", label: "Roles", icon: "users", right: "readRoleDefinitions" },
  {
    path: "/settings",
    label: "Role settings",
    icon: "sliders-horizontal",
    right: "readRoleSettings",
    also: /\/roles\/[^/]+\/settings(\/|$)/,
  },
  { path: "/conflicting-roles", label: "Conflicting roles", icon: "scale", right: "readRoleSettings" },
  { path: "/assignments", label: "Assignments", icon: "clipboard-list", right: "readAssignments" },
  {
    path: "/standing-access",
    label: "Reduce standing access",
    icon: "shield-minus",
    right: "readAssignments",
  },
  { path: "/check-access", label: "Check access", icon: "user-search", right: "readAssignments" },
  { path: "/alerts", label: "Alerts", icon: "bell-ring", right: "readAlerts" },
  { path: "/access-reviews", label: "Access reviews", icon: "clipboard-check", right: "readAssignments" },
  { path: "/audit", label: "Audit", icon: "file-clock", right: "readAudit" },
] as const;

export type ResourcePageRight = (typeof pages)[number]["right"];

/**
 * The left pane inside a resource: a link back, the resource, and its pages. Pages that need a role which is
 * not active are greyed out. It stays in sight while the content scrolls, and is the menu on narrow screens.
 */
export function ResourcePane(props: {
  id: string;
  name: string;
  /** Its type in words, and the type's icon. */
  type: string;
  icon: IconName;
  scope: string;
  favourite: boolean;
  keepFavourite: (form: FormData) => Promise<FormOutcome>;
  may: Readonly<Record<ResourcePageRight, boolean>>;
  /** The badge of open alerts; null if none is open. */
  alerts: Pick<PaneItem, "waiting" | "waitingWords" | "tone"> | null;
  /** How many emergency activations here and below the reader may review, in words; empty for zero. */
  emergencies: string;
}) {
  const clicks = usePaneClicks();
  const base = `/resources/${props.id}`;
  const items: PaneItem[] = [
    { href: base, label: "Overview", icon: "layout-dashboard", exact: true },
    ...pages.map(({ path, right, ...page }) => ({
      ...page,
      href: base + path,
      enabled: props.may[right],
      ...(path === "/alerts" ? props.alerts : null),
    })),
  ];
  if (props.emergencies)
    items.splice(1, 0, {
      ...{ href: "/approvals#emergencies", label: "Emergency reviews", icon: "triangle-alert" },
      ...{ waiting: props.emergencies, waitingWords: `${props.emergencies} to review`, tone: "High" },
    });
  return (
    <nav id="resource-pane" popover="auto" aria-label={isolated(props.name)} className="pane resource-pane">
      <button type="button" className="pane-link pane-all" popoverTarget="main-pane">
        <Icon name="menu" size={17} />
        All pages
      </button>
      <a href="/resources" className="pane-link" onClick={clicks.open}>
        <Icon name="arrow-left" size={17} />
        All resources
      </a>
      <div className="pane-subject">
        <p className="flex items-start gap-2">
          <span className="mt-0.5">
            <Icon name={props.icon} size={16} className="shrink-0 text-muted" />
          </span>
          <span className="pane-name" title={visible(props.name)}>
            <Name of={props.name} />
          </span>
          <FavouriteStar
            subject={isolated(props.name)}
            favourite={props.favourite}
            fields={{ resourceId: props.id }}
            submit={props.keepFavourite}
            className="pane-copy pane-star"
            size={16}
          />
        </p>
        <p className="pane-type">{props.type}</p>
        <p className="pane-scope">
          {/* The end of a scope says more than its beginning. */}
          <code title={visible(props.scope)}>
            <bdi dir="ltr">{visible(props.scope)}</bdi>
          </code>
          <CopyScope scope={props.scope} />
        </p>
      </div>
      <PaneLinks items={items} clicks={clicks} />
    </nav>
  );
}

function CopyScope({ scope }: { scope: string }) {
  return (
    <button
      type="button"
      className="pane-copy"
      aria-label="Copy scope"
      title="Copy scope"
      onClick={() =>
        navigator.clipboard.writeText(scope).then(
          () => toast.success("The scope is copied."),
          () => toast.error("The browser does not allow copying. Select the scope and copy it."),
        )
      }
    >
      <Icon name="copy" size={14} />
    </button>
  );
}
