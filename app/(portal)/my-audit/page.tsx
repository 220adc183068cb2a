import type { Metadata } from "next";
import { PageHeader } from "@/components/ui/page-parts";
import type { Query } from "../audit/audit-filter";
import { AuditView } from "../audit/audit-view";

export const metadata: Metadata = { title: "My audit history" };

export default async function MyAuditPage({ searchParams }: { searchParams: Promise<Query> }) {
  return (
    <>
      <PageHeader
        title="My audit history"
        description="Your actions, and actions of others that concern you."
      />
      <AuditView base="/my-audit" query={await searchParams} fixed={{ own: true }} />
    </>
  );
}
