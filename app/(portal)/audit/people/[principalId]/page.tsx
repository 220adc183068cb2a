import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { PageHeader } from "@/components/ui/page-parts";
import { historyPage } from "@/lib/domain/audit/history-page";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { historySubject } from "@/lib/queries/audit/person-history";
import { asTitle } from "@/lib/web/page-title";
import { requireCaller } from "@/lib/web/request";
import type { Query } from "../../audit-filter";
import { AuditView } from "../../audit-view";

interface Parameters {
  params: Promise<{ principalId: string }>;
  searchParams: Promise<Query>;
}

const open = cache(async (principalId: string) =>
  historySubject(application().database, await requireCaller(), principalId),
);

export async function generateMetadata({ params }: Parameters): Promise<Metadata> {
  const subject = await open((await params).principalId);
  return subject ? { title: `History of ${asTitle(subject.displayName)}` } : {};
}

/** What a principal did and what was done to them, at the resources whose log the reader may read. */
export default async function HistoryPage({ params, searchParams }: Parameters) {
  const subject = await open((await params).principalId);
  if (!subject) notFound();
  return (
    <>
      <PageHeader
        title={`History of ${isolated(subject.displayName)}`}
        trail={[{ href: "/audit", label: "Audit log" }]}
        description={
          <>
            <PrincipalWithFormer of={subject} inline />. What they did, and what others did to them, at the
            resources whose log you may read.
          </>
        }
      />
      <AuditView base={historyPage(subject.id)} query={await searchParams} fixed={{ personId: subject.id }} />
    </>
  );
}
