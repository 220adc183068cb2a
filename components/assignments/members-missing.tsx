import { EmptyState } from "@/components/ui/page-parts";
import type { MemberTab } from "@/lib/domain/assignments/member-filter";

const words = {
  all: {
    title: "Nobody has a role here",
    hint: "Add an assignment. What was assigned stays in this list after it ends.",
  },
  eligible: {
    title: "Nobody is eligible",
    hint: "Add an eligible assignment. Its member activates the role when they need it, for a few hours.",
  },
  active: {
    title: "Nobody holds a role now",
    hint: "Activated and assigned roles are listed here until they end.",
  },
  expired: {
    title: "Nothing has expired",
    hint: "Assignments are listed here after they end, and can be renewed.",
  },
} as const;

/** An empty list of members, with what to do next. */
export function MembersMissing(props: { tab: MemberTab; filtered: boolean; search: string; clear: string }) {
  if (props.search)
    return (
      <EmptyState title="Nothing matches">
        No assignment matches “{props.search}”. <a href={props.clear}>Clear the search</a>
      </EmptyState>
    );
  if (props.filtered)
    return (
      <EmptyState title="Nothing matches">
        No assignment matches these filters. <a href={props.clear}>Clear the filters</a>
      </EmptyState>
    );
  const { title, hint } = words[props.tab];
  return <EmptyState title={title}>{hint}</EmptyState>;
}
