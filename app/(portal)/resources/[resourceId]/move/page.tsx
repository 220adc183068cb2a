import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ConfirmShown } from "@/components/resources/confirm-shown";
import { MoveConflicts, MoveJudged } from "@/components/resources/move-judged";
import { MoveLists } from "@/components/resources/move-lists";
import { iconOfType } from "@/components/resources/resource-icon";
import { trailInside } from "@/components/resources/resource-trail";
import { DataTable } from "@/components/ui/lists/data-table";
import { Sentence } from "@/components/ui/name";
import { EmptyState, PageHeader, SearchForm } from "@/components/ui/page-parts";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { whyNotMoved } from "@/lib/domain/resources/move";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import { inReadersZone } from "@/lib/domain/time/moment-format";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { likelyPlaces } from "@/lib/queries/resources/likely-places";
import { previewMove } from "@/lib/queries/resources/move-preview";
import { placesToMoveTo } from "@/lib/queries/resources/places-to-move-to";
import type { ResourceView } from "@/lib/queries/resources/resources";
import { onePage } from "@/lib/web/page-links";
import { queryText } from "@/lib/web/page-query";
import { readerTimes } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../open-resource";
import { typesInWords } from "../../types-in-words";
import { move, prepareMove } from "./actions";

export const metadata: Metadata = { title: "Move" };

const shape = z.object({ to: queryText, search: queryText });

export default async function MoveResourcePage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "writeResources");
  if (resource.parentId === null) notFound();
  const { to, search } = shape.parse(await props.searchParams);
  const base = `/resources/${resource.id}`;
  const never = whyNotMoved(resource.scope);
  return (
    <>
      <PageHeader
        title={`Move ${isolated(resource.displayName)}`}
        trail={trailInside(resource, { href: `${base}/manage`, label: "Manage" })}
        description="With everything below it. You see what changes before anything happens."
      />
      {never !== null && to === "" ? (
        <EmptyState title="It stays where it is">{never}</EmptyState>
      ) : isUuid(to) ? (
        <Preview resource={resource} toId={to.toLowerCase()} />
      ) : (
        <Places resource={resource} search={search} />
      )}
    </>
  );
}

/** Step one: where to. */
async function Places({ resource, search }: { resource: ResourceView; search: string }) {
  const base = `/resources/${resource.id}/move`;
  const { database } = application();
  const caller = await requireCaller();
  const found =
    search === ""
      ? await likelyPlaces(database, caller, resource)
      : await placesToMoveTo(database, caller, resource, search);
  const types = await typesInWords();
  return (
    <div className="grid max-w-3xl gap-4">
      <p>
        {search === "" && found.length > 0
          ? "Choose the resource to move it below, or search for another. Only resources below which you may add resources are offered."
          : "Search for the resource to move it below. Only resources below which you may add resources are found."}
      </p>
      <SearchForm action={base} value={search} label="Search by name or path" />
      {search === "" && found.length === 0 ? null : found.length === 0 ? (
        <EmptyState title="No place matches">
          No other resource with this name or path can contain it, or you may not add resources there.
        </EmptyState>
      ) : (
        <DataTable
          label={search === "" ? "Likely places" : "Places"}
          head={["Resource", "Path"]}
          pages={onePage}
          rows={found.map((each) => [
            each.id,
            {
              text: visible(each.displayName),
              href: `${base}?to=${each.id}`,
              icon: iconOfType(each.resourceType, types),
            },
            { text: "", scope: each.scope },
          ])}
        />
      )}
    </div>
  );
}

/** Step two: what it would change, and the confirmation. */
async function Preview({ resource, toId }: { resource: ResourceView; toId: string }) {
  const { database } = application();
  const caller = await requireCaller();
  const [preview, factor, times] = await Promise.all([
    previewMove(database, caller, resource.id, toId),
    ownsFactor(database, caller),
    readerTimes(),
  ]);
  if (preview === null) notFound();
  const base = `/resources/${resource.id}/move`;
  if ("code" in preview)
    return (
      <EmptyState title="It cannot be moved there">
        <Sentence of={errorMessage(preview)} />{" "}
        <a href={base} className="whitespace-nowrap">
          See the places
        </a>
        .
      </EmptyState>
    );
  const { facts, scope, to } = preview;
  const conflicts = preview.conflicts.map((each) => inReadersZone(each, times));
  const forbidden = conflicts.length > 0;
  return (
    <div className="grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-6">
      {forbidden ? <MoveConflicts conflicts={conflicts} exceptions={preview.exceptions} /> : null}
      <MoveLists resource={resource} to={to} scope={scope} facts={facts} people={preview.people} />
      <MoveJudged {...preview} />
      {forbidden ? (
        <p>
          <a href={base} className="button">
            Choose another place
          </a>
        </p>
      ) : (
        <div className="card">
          <ConfirmShown
            key={facts.preview}
            fields={{
              resourceId: resource.id,
              fromId: resource.parentId ?? "",
              toId: to.id,
              preview: facts.preview,
            }}
            submitLabel={`Move below ${isolated(to.displayName)}`}
            hasFactor={factor}
            back={base}
            returnPath={`${base}?to=${to.id}`}
            submit={move}
            prepare={prepareMove}
          />
        </div>
      )}
    </div>
  );
}
