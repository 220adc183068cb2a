import type { Metadata } from "next";
import { z } from "zod";
import { LinkTabs, PageHeader } from "@/components/ui/page-parts";
import { queryText } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";
import { ActiveRoles } from "./active-roles";
import { Bundles } from "./bundles";
import { EligibleRoles } from "./eligible-roles";
import { ExpiredRoles } from "./expired-roles";

export const metadata: Metadata = { title: "My roles" };

const shape = z.object({
  tab: z.enum(["eligible", "bundles", "active", "expired"]).catch("eligible"),
  search: queryText,
  after: queryText,
  activate: z.uuid().optional().catch(undefined),
  at: z.uuid().optional().catch(undefined),
  bundle: z.uuid().optional().catch(undefined),
  extend: z.uuid().optional().catch(undefined),
  from: z.iso.datetime().optional().catch(undefined),
  select: queryText.transform((value) => value.split(",").filter((id) => z.uuid().safeParse(id).success)),
});

export default async function MyRolesPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const { tab, activate, at, bundle, extend, from, select, ...filter } = shape.parse(await searchParams);
  const tabs = {
    eligible: "Eligible roles",
    bundles: "Bundles",
    active: "Active roles",
    expired: "Expired roles",
  } as const;
  return (
    <>
      <PageHeader
        title="My roles"
        description="Roles you can activate, alone or in bundles, active roles and expired roles."
      />
      <LinkTabs
        label="My roles"
        tabs={(["eligible", "bundles", "active", "expired"] as const).map((each) => ({
          href: each === "eligible" ? "/my-roles" : `/my-roles?tab=${each}`,
          label: tabs[each],
          current: each === tab,
        }))}
      />
      {tab === "bundles" ? <Bundles caller={caller} opened={bundle} /> : null}
      {tab === "active" ? <ActiveRoles caller={caller} filter={filter} extending={extend} /> : null}
      {tab === "expired" ? <ExpiredRoles caller={caller} filter={filter} /> : null}
      {tab === "eligible" ? (
        <EligibleRoles
          caller={caller}
          filter={filter}
          opened={activate}
          at={at}
          from={from}
          selected={select}
        />
      ) : null}
    </>
  );
}
