import { bodyOf, type PatchOperation, readText, refuseFilter } from "@/lib/domain/directories/scim-body";
import { badRequest, ScimFault } from "@/lib/domain/directories/scim-fault";
import type { Filter, PatchPath } from "@/lib/domain/directories/scim-filter";
import { isUuid } from "@/lib/domain/text/uuid";

/** How many members one request may add, and how many it may remove. */
export const mostMembersAtOnce = 1_000;

/** What happens to the members: either all of them are replaced, or some are added and some removed. */
export interface MemberChange {
  /** Whether members who are not added leave. */
  readonly replaces: boolean;
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** What a request changes about a group. Absent fields stay as they are. */
export interface GroupChange {
  readonly displayName?: string;
  readonly externalId?: string | null;
  readonly members: MemberChange;
}

const noMembers: MemberChange = { replaces: false, add: [], remove: [] };

function memberIds(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const asked: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (asked.length > mostMembersAtOnce)
    throw new ScimFault(
      413,
      null,
      `One request may name at most ${mostMembersAtOnce} members. Send several.`,
    );
  return [
    ...new Set(
      asked.map((each) => {
        const id = typeof each === "string" ? each : bodyOf(each, "A member").get("value");
        if (typeof id !== "string" || !isUuid(id.toLowerCase()))
          throw badRequest("invalidValue", "The “value” of a member must be the id of a user or group here.");
        return id.toLowerCase();
      }),
    ),
  ];
}

/** A group as POST and PUT send it. */
export function readGroup(value: unknown): Required<GroupChange> {
  const body = bodyOf(value);
  const displayName = readText(body.get("displayname"), "displayName");
  if (displayName === null) throw badRequest("invalidValue", "A group needs a “displayName”.");
  return {
    displayName,
    externalId: readText(body.get("externalid"), "externalId"),
    members: { replaces: true, add: memberIds(body.get("members")), remove: [] },
  };
}

/** What the operations of a PATCH change, in their order. */
export function patchGroup(operations: readonly PatchOperation[]): GroupChange {
  return operations.reduce<GroupChange>(patched, { members: noMembers });
}

function patched(change: GroupChange, { op, target, value }: PatchOperation): GroupChange {
  switch (target.path) {
    case "displayname": {
      refuseFilter(target);
      const name = op === "remove" ? null : readText(value, "displayName");
      if (name === null) throw badRequest("mutability", "A group needs a “displayName”.");
      return { ...change, displayName: name };
    }
    case "externalid":
      refuseFilter(target);
      return { ...change, externalId: op === "remove" ? null : readText(value, "externalId") };
    case "members":
      return { ...change, members: patchedMembers(change.members, op, target, value) };
    // Okta sends the group's id along with the changes.
    case "id":
    case "schemas":
      if (op !== "remove") return change;
      throw badRequest("mutability", "“id” and “schemas” cannot be changed.");
    case "meta":
      throw badRequest("mutability", "“meta” cannot be changed.");
    default:
      return change;
  }
}

function patchedMembers(
  before: MemberChange,
  op: PatchOperation["op"],
  target: PatchPath,
  value: unknown,
): MemberChange {
  if (target.sub !== null) throw badRequest("mutability", "Parts of a member cannot be changed.");
  if (target.filter !== null && op !== "remove")
    throw badRequest("invalidPath", "Members are added and replaced without a filter.");
  if (op === "add") return added(before, memberIds(value));
  if (op === "replace") return { replaces: true, add: memberIds(value), remove: [] };
  // Entra ID names the leaving members in the path or, in its older form, in the value.
  if (target.filter !== null) return removed(before, idsIn(target.filter));
  if (value === undefined || value === null) return { replaces: true, add: [], remove: [] };
  return removed(before, memberIds(value));
}

function added(before: MemberChange, ids: readonly string[]): MemberChange {
  const add = [...new Set([...before.add, ...ids])];
  if (add.length > mostMembersAtOnce)
    throw new ScimFault(413, null, `One request may add at most ${mostMembersAtOnce} members. Send several.`);
  return { ...before, add, remove: before.remove.filter((id) => !ids.includes(id)) };
}

function removed(before: MemberChange, ids: readonly string[]): MemberChange {
  const remove = [...new Set([...before.remove, ...ids])];
  if (remove.length > mostMembersAtOnce)
    throw new ScimFault(
      413,
      null,
      `One request may remove at most ${mostMembersAtOnce} members. Send several.`,
    );
  return { ...before, add: before.add.filter((id) => !ids.includes(id)), remove };
}

/** The members whom a filter in a path names by id, one or several. */
function idsIn(filter: Filter): string[] {
  if (filter.op === "or") return filter.filters.flatMap(idsIn);
  if (filter.op === "eq" && filter.path === "value") return memberIds(filter.value);
  throw badRequest("invalidFilter", "Members are named by “value eq” and their ids, joined by “or”.");
}
