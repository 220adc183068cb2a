import type { Metadata } from "next";
import { PageHeader } from "@/components/ui/page-parts";
import type { Query } from "../audit-filter";
import { AuditView } from "../audit-view";

export const metadata: Metadata = { title: "Audit log" };

export default async function AuditPage({ searchParams }: { searchParams: Promise<Query> }) {
  return (
    <>
      <PageHeader
        title="Audit log"
        description="Who did what to whom, when, why and with which factor. Shows every event that you may read."
      />
      <AuditView base="/audit" query={await searchParams} />
    </>
  );
}
