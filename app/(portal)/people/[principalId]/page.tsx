import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { HandOver } from "@/components/directories/directory-actions";
import { AddMembers } from "@/components/people/add-members";
import { ApproverRights } from "@/components/people/approver-rights";
import { DisablePrincipal, EnablePrincipal, IssueSignIn } from "@/components/people/person-actions";
import { PersonFacts } from "@/components/people/person-facts";
import { PersonRoles } from "@/components/people/person-roles";
import { EditPrincipal } from "@/components/people/principal-forms";
import { SetManager } from "@/components/people/set-manager";
import { StatusBadge } from "@/components/people/status-badge";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { Sentence } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { historyPage } from "@/lib/domain/audit/history-page";
import { type PrincipalType, principalTypes } from "@/lib/domain/people/principal";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { topOfStandingAccess } from "@/lib/queries/assignments/standing-roles";
import { type Person, viewPerson } from "@/lib/queries/people/person";
import { asTitle } from "@/lib/web/page-title";
import { requireCaller } from "@/lib/web/request";
import { opensHistories } from "../../audit/histories";
import { prepareHandOver, submitHandOver } from "../../organisation/directories/actions";
import {
  addMembers,
  disable,
  enable,
  findMembers,
  prepareEnable,
  prepareMembers,
  prepareSave,
  prepareSignIn,
  removeMember,
  savePrincipal,
  submitSignIn,
} from "../actions";
import { findManagers, prepareManager, saveManager } from "./actions";
import { FactorActions, WaitingPersonReset } from "./person-factors";
import { IssueLink, PersonLinks } from "./person-links";
import { PersonSessions } from "./person-sessions";

const open = cache(async (principalId: string) =>
  viewPerson(application().database, await requireCaller(), principalId),
);

export async function generateMetadata({ params }: Parameters): Promise<Metadata> {
  const person = await open((await params).principalId);
  return person ? { title: asTitle(person.identity.displayName) } : {};
}

interface Parameters {
  params: Promise<{ principalId: string }>;
}

export default async function PersonPage({ params }: Parameters) {
  const caller = await requireCaller();
  const { database } = application();
  const { principalId } = await params;
  const [person, factor, histories, top] = await Promise.all([
    open(principalId),
    ownsFactor(database, caller),
    opensHistories(),
    topOfStandingAccess(database, caller),
  ]);
  if (!person) notFound();
  const principal = person.identity;
  const shared = { principal, hasFactor: factor };
  const saving = { submit: savePrincipal, prepare: prepareSave };
  const isUser = person.type === "User";
  const enabled = person.disabledAt === null;
  // What a directory owns is edited there (docs/decisions/directories.md).
  const byHand = person.directory === null;
  return (
    <>
      <PageHeader
        title={person.displayName}
        trail={[{ href: `/people?type=${person.type}`, label: "People" }]}
        description={
          <span className="flex flex-wrap items-center gap-2">
            {principalTypes[person.type]} <StatusBadge disabled={!enabled} />
          </span>
        }
      >
        {histories ? (
          <a className="button" href={historyPage(principal.id)}>
            History
          </a>
        ) : null}
        {person.mayWrite ? (
          <>
            {byHand || person.directory?.asksAddress ? (
              <EditPrincipal key={person.version} {...shared} principal={person} {...saving} />
            ) : null}
            {isUser ? (
              <SetManager
                key={`manager ${person.manager?.id}`}
                {...shared}
                manager={person.manager && { ...person.manager, disabled: false }}
                submit={saveManager}
                prepare={prepareManager}
                search={findManagers}
              />
            ) : null}
            {isUser && enabled ? (
              <IssueSignIn {...shared} submit={submitSignIn} prepare={prepareSignIn} />
            ) : null}
            {isUser && enabled && !person.own ? <IssueLink {...shared} /> : null}
            {isUser && !person.own ? <FactorActions person={person} hasFactor={factor} /> : null}
            {byHand && enabled && !person.own ? (
              <DisablePrincipal {...shared} submit={disable} prepare={prepareEnable} />
            ) : null}
            {enabled || !byHand ? null : (
              <EnablePrincipal {...shared} submit={enable} prepare={prepareEnable} />
            )}
            {person.directory?.mayTakeOut ? (
              <HandOver {...shared} directory={null} submit={submitHandOver} prepare={prepareHandOver} />
            ) : null}
          </>
        ) : null}
      </PageHeader>
      <WaitingPersonReset caller={caller} person={person} hasFactor={factor} />
      {person.directory ? <DirectoryNote type={person.type} directory={person.directory} /> : null}
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-8 gap-y-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="min-w-0">
          {person.type === "Group" ? (
            <section className="mb-6">
              <div className="mb-2 flex items-center gap-3">
                <h2 className="grow">Members</h2>
                {person.mayWrite && byHand ? (
                  <AddMembers
                    group={principal}
                    hasFactor={factor}
                    submit={addMembers}
                    prepare={prepareMembers}
                    search={findMembers}
                  />
                ) : null}
              </div>
              {person.members.length === 0 ? (
                <EmptyState title="No members">Nobody gets access through this group yet.</EmptyState>
              ) : (
                <ul className="card py-1">
                  {person.members.map((member) => (
                    <PrincipalItem key={member.identity.id} of={member}>
                      {person.mayWrite && byHand ? (
                        <ConfirmButton
                          label="Remove"
                          title={`Remove ${principalText(member.identity)} from ${principalText(person.identity)}`}
                          description="They lose the group's access immediately. Their activations through the group end and do not come back."
                          submit={removeMember}
                          fields={{ groupId: person.id, memberId: member.identity.id }}
                        />
                      ) : null}
                    </PrincipalItem>
                  ))}
                </ul>
              )}
            </section>
          ) : null}
          <PersonRoles person={person} reduceAt={top} />
          {person.approverRights.length > 0 ? (
            <section>
              <h2>Approver for</h2>
              <p className="mb-2 text-muted">
                {person.type === "Group"
                  ? "Members of this group decide on requests for these roles."
                  : "Decides on requests for these roles."}
              </p>
              <ApproverRights rights={person.approverRights} />
            </section>
          ) : null}
          {isUser && person.mayWrite && !person.own ? (
            <PersonSessions caller={caller} person={principal} />
          ) : null}
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <section className="card">
            <h2 className="mb-2">Details</h2>
            <PersonFacts person={person} />
          </section>
          {isUser ? <PersonLinks caller={caller} person={person} hasFactor={factor} /> : null}
          <section className="card">
            <h2 className="mb-2">Groups</h2>
            {person.groups.length === 0 ? (
              <p className="text-muted">Not in any group.</p>
            ) : (
              <ul>
                {person.groups.map((group) => (
                  <PrincipalItem key={group.identity.id} of={group} />
                ))}
              </ul>
            )}
          </section>
        </div>
      </div>
    </>
  );
}

/** Says what cannot be edited here, and where instead. */
function DirectoryNote({
  type,
  directory,
}: {
  type: PrincipalType;
  directory: NonNullable<Person["directory"]>;
}) {
  const owns = {
    User: "The name, the address and whether the person is enabled",
    Group: "The name and the members of the group",
    ServicePrincipal: "The name",
  };
  const asks = directory.asksAddress
    ? ` It asks for the address ${directory.asksAddress}. Ask the person, and set exactly that if it is right.`
    : "";
  return (
    <p className="banner mb-4">
      <Sentence
        of={`${owns[type]} are decided by the directory ${isolated(directory.name)}, and cannot be edited here.${asks}`}
      />
    </p>
  );
}

/** A member or a group in a list, with what can be done about it (`children`). */
function PrincipalItem(props: {
  of: { readonly identity: PrincipalIdentity; readonly disabledAt: Date | null };
  children?: React.ReactNode;
}) {
  const { identity, disabledAt } = props.of;
  return (
    <li className="flex min-h-10 flex-wrap items-center gap-3 border-b border-line py-1.5 last:border-0">
      <PrincipalWithFormer
        className="min-w-0 flex-1 basis-40"
        of={identity}
        href={`/people/${identity.id}`}
      />
      {disabledAt ? <StatusBadge disabled /> : null}
      {props.children}
    </li>
  );
}
