import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { CreateDirectory, HandOver, ReplaceToken } from "@/components/directories/directory-actions";
import { DriftList } from "@/components/directories/drift-list";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { mostDirectories } from "@/lib/domain/directories/directory";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { type Directory, directoriesFor, type ShownDrift } from "@/lib/queries/directories/directories";
import { requireCaller } from "@/lib/web/request";
import {
  addDirectory,
  prepareDirectory,
  prepareHandOver,
  prepareToken,
  removeDirectory,
  replaceToken,
  revokeToken,
  submitHandOver,
} from "./actions";

export const metadata: Metadata = { title: "Directories" };

export default async function DirectoriesPage() {
  const caller = await requireCaller();
  const { configuration, database } = application();
  const [directories, factor] = await Promise.all([
    directoriesFor(database, caller),
    ownsFactor(database, caller),
  ]);
  if (directories === null) notFound();
  return (
    <>
      <PageHeader
        title="Directories"
        trail={[{ href: "/organisation", label: "Organisation" }]}
        description="Identity providers that create, change and disable people and groups here by SCIM 2.0. What a directory owns is not edited by hand."
      >
        {directories.length < mostDirectories ? (
          <CreateDirectory submit={addDirectory} prepare={prepareDirectory} hasFactor={factor} />
        ) : null}
      </PageHeader>
      <p className="mb-4">
        Address of the service: <code className="wrap-anywhere">{configuration.publicUrl}/scim/v2</code>
      </p>
      {directories.length === 0 ? (
        <EmptyState title="No directories">
          Create one to let Entra ID, Okta or another provider add people and groups, and remove all access of
          people who leave.
        </EmptyState>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
          {directories.map((directory) => (
            <DirectoryCard key={directory.id} directory={directory} hasFactor={factor} />
          ))}
        </div>
      )}
    </>
  );
}

function DirectoryCard({ directory, hasFactor: factor }: { directory: Directory; hasFactor: boolean }) {
  const heading = `directory-${directory.id}`;
  const rows: [string, React.ReactNode][] = [
    ["Token", <TokenState key="token" directory={directory} />],
    ["Last used", directory.lastUsedAt ? <Moment key="used" value={directory.lastUsedAt} /> : "Never"],
    ["People", directory.users],
    ["Groups", directory.groups],
    [
      "Created",
      <span key="created" className="inline-flex flex-wrap gap-x-1">
        <Moment value={directory.createdAt} /> by <PrincipalName of={directory.createdBy} inline />
      </span>,
    ],
  ];
  return (
    <section aria-labelledby={heading} className="card">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 id={heading} className="min-w-0 wrap-anywhere">
          <Name of={directory.name} />
        </h2>
        <div className="flex flex-wrap gap-2">
          <ReplaceToken
            directory={directory}
            submit={replaceToken}
            prepare={prepareToken}
            hasFactor={factor}
          />
          {directory.tokenExpiresAt ? (
            <ConfirmButton
              label="Revoke token"
              subject={`of ${isolated(directory.name)}`}
              title={`Revoke the token of ${isolated(directory.name)}`}
              description="The directory cannot change anything until it has a new token. Its people and groups stay as they are."
              submit={revokeToken}
              fields={{ directoryId: directory.id }}
            />
          ) : null}
          <ConfirmButton
            label="Remove"
            subject={isolated(directory.name)}
            title={`Remove the directory ${isolated(directory.name)}`}
            description="Its token stops working at once. Its people and groups stay as they are, and are edited here again."
            submit={removeDirectory}
            fields={{ directoryId: directory.id }}
          />
        </div>
      </div>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-2 sm:gap-x-8">
        {rows.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="min-w-0 wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      <h3 className="mt-5 mb-2">Requests that were not applied</h3>
      {directory.drift.length === 0 ? (
        <p className="text-muted">None. Everything that it asked for was applied.</p>
      ) : (
        <>
          <DriftList
            label={`Requests of ${isolated(directory.name)} that were not applied`}
            drift={directory.drift}
            action={(drift) => <DriftAction drift={drift} directory={directory} hasFactor={factor} />}
          />
          {directory.driftCount > directory.drift.length ? (
            <p className="mt-2 text-muted">
              The latest {directory.drift.length} of {directory.driftCount}.
            </p>
          ) : null}
        </>
      )}
    </section>
  );
}

function TokenState({ directory }: { directory: Directory }) {
  if (directory.tokenExpiresAt === null) return "None. The directory cannot change anything.";
  return (
    <>
      {directory.tokenExpired ? (
        <span className="badge badge-danger">Expired</span>
      ) : directory.tokenEndsSoon ? (
        <span className="badge badge-warning">Expires soon</span>
      ) : null}{" "}
      {directory.tokenExpired ? "since " : "Valid until "}
      <Moment value={directory.tokenExpiresAt} />, made by <PrincipalName of={directory.tokenMaker} inline />
      {directory.makerManages || directory.tokenExpired ? null : (
        <span className="mt-1 block">
          <span className="badge badge-warning">Of a former administrator</span> The person who made it may no
          longer manage directories. It still works. Replace it, and enter the new one in the directory.
        </span>
      )}
    </>
  );
}

function DriftAction(props: { drift: ShownDrift; directory: Directory; hasFactor: boolean }) {
  const { drift, directory } = props;
  if (drift.principal === null) return null;
  if (drift.kind === "NameTaken" || drift.kind === "TakeOver")
    return (
      <HandOver
        principal={drift.principal}
        directory={directory}
        submit={submitHandOver}
        prepare={prepareHandOver}
        hasFactor={props.hasFactor}
      />
    );
  return <PrincipalName of={drift.principal} href={`/people/${drift.principal.id}`} />;
}
