import { LinkTabs } from "@/components/ui/page-parts";

export const memberTabs = ["eligible", "active", "expired"] as const;
export type MemberTab = (typeof memberTabs)[number];
export const tabLabels = { eligible: "Eligible", active: "Active", expired: "Expired" } as const;

/** The tabs of a resource's assignments. **Requests** has its own page. */
export function AssignmentTabs({ base, current }: { base: string; current: MemberTab | "requests" }) {
  return (
    <LinkTabs
      label="Assignments"
      tabs={[
        ...memberTabs.map((tab) => ({
          href: `${base}?tab=${tab}`,
          label: tabLabels[tab],
          current: current === tab,
        })),
        { href: `${base}/requests`, label: "Requests", current: current === "requests" },
      ]}
    />
  );
}
