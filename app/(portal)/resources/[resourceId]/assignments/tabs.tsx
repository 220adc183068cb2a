import { LinkTabs } from "@/components/ui/page-parts";
import { type MemberTab, memberTabs } from "@/lib/domain/assignments/member-filter";

const labels = { all: "All", eligible: "Eligible", active: "Active", expired: "Expired" } as const;

/** The quick states of a list of members as tabs. `address` keeps the filter. */
export function MemberTabs(props: {
  label: string;
  current: MemberTab | "requests";
  address: (tab: MemberTab) => string;
  /** The page of waiting requests, if the list has one. */
  requests?: string;
}) {
  const tabs = memberTabs.map((tab) => ({
    href: props.address(tab),
    label: labels[tab],
    current: props.current === tab,
  }));
  const requests = props.requests
    ? [{ href: props.requests, label: "Requests", current: props.current === "requests" }]
    : [];
  return <LinkTabs label={props.label} tabs={[...tabs, ...requests]} />;
}
