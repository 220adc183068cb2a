import type { Notice } from "@/lib/domain/notifications/notice";
import { isolated } from "@/lib/domain/text/visible-text";

/** A role that gives somebody what they need to act on a notice. */
export interface RoleToActivate {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
}

const page = "/activate-first?";
/** The beginning of such a notice, in the portal and in the subject of its mail. */
const mark = "Activate first: ";

/**
 * The notice for somebody who must activate a role before they can act on it. It is marked, and its link opens the
 * activation of that role and then leads to the notice's own page. `at` is the resource to preselect.
 */
export function activateFirstNotice(
  notice: Notice,
  role: RoleToActivate,
  at: string = role.resourceId,
): Notice {
  const after = (next: string) => `${page}${new URLSearchParams({ role: role.eligibilityId, at, next })}`;
  const what = `${isolated(role.roleName)} on ${isolated(role.resourceName)}`;
  return {
    ...notice,
    title: `${mark}${notice.title}`,
    body: `${notice.body} You are eligible for ${what}. Activate it to act on this.`.trim(),
    facts: [...notice.facts, { label: "Activate first", value: what }],
    href: after(notice.href),
    ...(notice.also ? { also: { ...notice.also, href: after(notice.also.href) } } : {}),
  };
}

/** A notice's title without its mark, and whether it had one. */
export function withoutMark({ title, href }: { readonly title: string; readonly href: string }): {
  readonly title: string;
  readonly activateFirst: boolean;
} {
  const activateFirst = href.startsWith(page) && title.startsWith(mark);
  return { title: activateFirst ? title.slice(mark.length) : title, activateFirst };
}
