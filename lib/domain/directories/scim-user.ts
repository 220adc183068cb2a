import { z } from "zod";
import {
  bodyOf,
  type PatchOperation,
  readName,
  readText,
  readTruth,
  refuseFilter,
} from "@/lib/domain/directories/scim-body";
import { badRequest } from "@/lib/domain/directories/scim-fault";
import { sameNameKey } from "@/lib/domain/text/names";

const namePart = z.string().exactOptional();

/** The parts of a name as they are stored. Unreadable parts count as not sent. */
export const directoryNamesShape = z
  .object({
    ...{ displayName: namePart, formatted: namePart, givenName: namePart, familyName: namePart },
    /** The address in the directory's own spelling. */
    userName: namePart,
  })
  .catch({});

/** The parts of a name that a directory sent. Absent ones were not sent. */
export type DirectoryNames = Readonly<z.infer<typeof directoryNamesShape>>;

/** The part of a user that a directory owns. */
export interface UserState {
  /** The address, with which the user signs in. */
  readonly userName: string;
  readonly externalId: string | null;
  readonly names: DirectoryNames;
  readonly active: boolean;
}

/**
 * The name that Postern shows: the display name that was sent, otherwise one made of the name's parts,
 * otherwise the address.
 */
export function displayNameOf({ names, userName }: Pick<UserState, "names" | "userName">): string {
  const made = [names.givenName, names.familyName].filter((part) => part !== undefined).join(" ");
  return names.displayName ?? names.formatted ?? (made || userName);
}

/**
 * An address in the directory's spelling, as long as that leads to the same person as the stored one; otherwise the
 * stored one. A directory that compares what it sent with what it reads would otherwise send it again and again.
 */
export function spelledAddress({ userName }: DirectoryNames, email: string | null): string {
  const stored = email ?? "";
  return userName !== undefined && sameNameKey(userName.trim()) === sameNameKey(stored) ? userName : stored;
}

/** The names of a user that are stored beside the address, with its spelling. */
export function namesToKeep({ names, userName }: Pick<UserState, "names" | "userName">): DirectoryNames {
  return { ...names, userName };
}

/** Whether two are equal, whatever the order of the parts. */
export function sameNames(one: DirectoryNames, other: DirectoryNames): boolean {
  return (["displayName", "formatted", "givenName", "familyName", "userName"] as const).every(
    (part) => one[part] === other[part],
  );
}

function withName(names: DirectoryNames, part: keyof DirectoryNames, value: string | null): DirectoryNames {
  const { [part]: _, ...others } = names;
  return value === null ? others : { ...others, [part]: value };
}

const nameParts = { formatted: "formatted", givenname: "givenName", familyname: "familyName" } as const;

function isNamePart(text: string): text is keyof typeof nameParts {
  return Object.hasOwn(nameParts, text);
}

function readNames(value: unknown, displayName: unknown): DirectoryNames {
  const parts = value === undefined || value === null ? new Map<string, unknown>() : bodyOf(value, "“name”");
  let names = withName({}, "displayName", readName(displayName, "displayName"));
  for (const [name, part] of parts)
    if (isNamePart(name)) names = withName(names, nameParts[name], readName(part, `name.${nameParts[name]}`));
  return names;
}

/**
 * A user as POST and PUT send it. Attributes that Postern does not store are ignored (RFC 7644, section
 * 3.3). If `active` is absent, it is true for a new user and stays as it is in a replacement.
 */
export function readUser(value: unknown, active: boolean): UserState {
  const body = bodyOf(value);
  const userName = readText(body.get("username"), "userName");
  if (userName === null) throw badRequest("invalidValue", "“userName” is missing.");
  const sent = body.get("active");
  return {
    userName,
    externalId: readText(body.get("externalid"), "externalId"),
    names: readNames(body.get("name"), body.get("displayname")),
    active: sent === undefined || sent === null ? active : readTruth(sent, "active"),
  };
}

const readOnly = new Set(["id", "meta", "schemas", "groups"]);
/** Attributes with one value at most. */
const single = new Set(["username", "externalid", "active", "displayname", "name"]);

/** The user after the operations of a PATCH, in their order. */
export function patchUser(before: UserState, operations: readonly PatchOperation[]): UserState {
  return operations.reduce(patched, before);
}

function patched(user: UserState, { op, target, value }: PatchOperation): UserState {
  const { path } = target;
  if (readOnly.has(path.split(".")[0] ?? ""))
    throw badRequest("mutability", "“id”, “meta”, “schemas” and “groups” cannot be changed.");
  const given = op === "remove" ? null : value;
  if (single.has(path)) refuseFilter(target);
  switch (path) {
    case "username": {
      const userName = readText(given, "userName");
      if (userName === null) throw badRequest("mutability", "A user needs a “userName”.");
      return { ...user, userName };
    }
    case "externalid":
      return { ...user, externalId: readText(given, "externalId") };
    case "active":
      if (op === "remove") throw badRequest("mutability", "“active” is true or false. It cannot be removed.");
      return { ...user, active: readTruth(given, "active") };
    case "displayname":
      return { ...user, names: withName(user.names, "displayName", readName(given, "displayName")) };
    case "name": {
      const { displayName } = user.names;
      const read = given === null ? {} : readNames(given, null);
      // `add` keeps the existing values; `replace` removes them (RFC 7644, 3.5.2.1 and 3.5.2.3).
      const kept = op === "add" ? user.names : displayName === undefined ? {} : { displayName };
      return { ...user, names: { ...kept, ...read } };
    }
    default: {
      const part = path.startsWith("name.") ? path.slice(5) : "";
      if (!isNamePart(part)) return user;
      const name = nameParts[part];
      return { ...user, names: withName(user.names, name, readName(given, `name.${name}`)) };
    }
  }
}
