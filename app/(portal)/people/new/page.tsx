import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { z } from "zod";
import { CreatePrincipal } from "@/components/people/principal-forms";
import { LinkTabs, PageHeader } from "@/components/ui/page-parts";
import { type PrincipalType, principalTypes } from "@/lib/domain/people/principal";
import { application } from "@/lib/platform/application";
import { readPeopleRights } from "@/lib/queries/people/people";
import { requireCaller } from "@/lib/web/request";
import { addPrincipal } from "../actions";

export const metadata: Metadata = { title: "New person or group" };

const typeShape = z.enum(["User", "Group", "ServicePrincipal"]).catch("User");

export default async function NewPrincipalPage({
  searchParams,
}: {
  searchParams: Promise<{ type?: string | string[] }>;
}) {
  const caller = await requireCaller();
  const rights = await readPeopleRights(application().database, caller);
  if (!rights.write) forbidden();
  const type = typeShape.parse((await searchParams).type);
  return (
    <>
      <PageHeader
        title={`New ${principalTypes[type].toLowerCase()}`}
        trail={[{ href: `/people?type=${type}`, label: "People" }]}
        description={
          type === "User"
            ? "They have no access until they get an assignment or join a group."
            : "It has no access until it gets an assignment or joins a group."
        }
      />
      <LinkTabs
        label="Kinds"
        tabs={(Object.keys(principalTypes) as PrincipalType[]).map((each) => ({
          href: `/people/new?type=${each}`,
          label: principalTypes[each],
          current: each === type,
        }))}
      />
      <div className="card max-w-2xl">
        <CreatePrincipal key={type} type={type} create={addPrincipal} />
      </div>
    </>
  );
}
