import type { RulesRead } from "@/lib/domain/imports/pim-rules";
import type { Permission } from "@/lib/domain/roles/permissions";

/** The command that reads PIM's entries of a type at a scope. */
function pimCommand(type: string): string {
  return `az rest --url "https://management.azure.com/SCOPE/providers/Microsoft.Authorization/${type}?api-version=2020-10-01"`;
}

/**
 * The kinds of imports: the Azure command that writes the JSON, the columns of the CSV file, and
 * whether rows grant access by themselves and so require a reason.
 */
export const importKinds = {
  ManagementGroups: {
    title: "Management groups",
    command: "az account management-group list",
    columns: ["id", "displayName", "parent"],
    grantsAccess: false,
  },
  Hierarchy: {
    title: "Management groups and subscriptions",
    command: "az account management-group entities list",
    columns: ["id", "displayName", "parent"],
    grantsAccess: false,
  },
  Subscriptions: {
    title: "Subscriptions",
    command: "az account list",
    columns: ["id", "name", "parent"],
    grantsAccess: false,
  },
  ResourceGroups: {
    title: "Resource groups",
    command: "az group list",
    columns: ["id", "name"],
    grantsAccess: false,
  },
  Resources: {
    title: "Resources",
    command: "az resource list",
    columns: ["id", "name", "type", "parent"],
    grantsAccess: false,
  },
  Users: {
    title: "Users",
    command: "az ad user list",
    columns: ["id", "displayName", "email"],
    grantsAccess: false,
  },
  Groups: {
    title: "Groups",
    command: "az ad group list",
    columns: ["id", "displayName"],
    grantsAccess: false,
  },
  GroupMembers: {
    title: "Group members",
    command: "az ad group member list --group GROUP",
    columns: ["group", "member"],
    grantsAccess: true,
  },
  RoleDefinitions: {
    title: "Role definitions",
    command: "az role definition list",
    columns: [
      "id",
      "roleName",
      "description",
      "actions",
      "notActions",
      "dataActions",
      "notDataActions",
      "assignableScopes",
    ],
    grantsAccess: false,
  },
  RoleAssignments: {
    title: "Role assignments",
    command: "az role assignment list",
    columns: ["principal", "principalType", "role", "scope"],
    grantsAccess: true,
  },
  ActiveAssignments: {
    title: "Active assignments of PIM",
    command: pimCommand("roleAssignmentScheduleInstances"),
    columns: ["principal", "principalType", "role", "scope", "start", "end"],
    grantsAccess: true,
  },
  Eligibilities: {
    title: "Eligible assignments of PIM",
    command: pimCommand("roleEligibilityScheduleInstances"),
    columns: ["principal", "principalType", "role", "scope", "start", "end"],
    grantsAccess: true,
  },
  RoleSettings: {
    title: "Role settings of PIM",
    command: pimCommand("roleManagementPolicyAssignments"),
    columns: [],
    grantsAccess: false,
  },
} as const;
export type ImportKind = keyof typeof importKinds;

/** An import of several kinds. Each row has its own. */
export const severalKinds = "Several";
export type StoredImportKind = ImportKind | typeof severalKinds;

/** What an import is about, in words. */
export function importTitle(kind: StoredImportKind): string {
  return kind === severalKinds ? "Several kinds" : importKinds[kind].title;
}

/** Whether rows of an import grant access by themselves, so that it requires a reason. */
export function importGrantsAccess(kind: StoredImportKind): boolean {
  return kind === severalKinds || importKinds[kind].grantsAccess;
}

/** How long the code of a confirmation covers what is applied. */
export const importProofMinutes = 15;

/** How many rows several files may have together. */
export const maximumImportRows = 10_000;
/**
 * The limits of what is sent, one file or several, with the content of archives; of the rows of one; of what rows keep
 * in characters.
 */
export const maximumLargeBytes = 100 * 1024 * 1024;
export const maximumLargeRows = 25_000;
export const maximumLargeText = 40_000_000;
/** A process reads only one upload at a time that is larger than this, in bytes. */
export const maximumSmallBytes = 5 * 1024 * 1024;
/** The most rows that one person's waiting imports may have. Beyond that, no further import of theirs is read. */
export const mostWaitingRows = 250_000;
/** The limits of several files in one upload: how many, and how large their archives may be as they are sent. */
export const maximumArchiveFiles = 50;
export const maximumArchiveBytes = 25 * 1024 * 1024;
/** The greatest length of the head of an upload of several files, in bytes. It lists their names and lengths. */
export const maximumHeadBytes = 60_000;
/** The greatest factor by which a file of an archive may expand. Azure's lists expand twenty to sixty times. */
export const maximumExpansion = 300;
/** How many missing members are shown if they stay. */
export const maximumMissingShown = 1_000;

export interface ResourceRow {
  readonly scope: string;
  readonly displayName: string;
  readonly resourceType: string;
  /** Null: as the scope implies. */
  readonly parentScope: string | null;
  /** The tenant that the file names, if any. */
  readonly tenantId?: string | null | undefined;
}
export interface UserRow {
  readonly externalId: string | null;
  readonly displayName: string;
  readonly email: string;
  /** Only for a new user: somebody who is disabled elsewhere starts disabled. */
  readonly enabled: boolean;
}
export interface GroupRow {
  readonly externalId: string | null;
  readonly displayName: string;
}
export interface GroupMemberRow {
  /** A group's external id, its id, or a name that only one group has. */
  readonly group: string;
  /** An external id, an id of Postern's own, a user's email address, or a name that one group has. */
  readonly member: string;
  readonly memberName: string | null;
  /** Found when the file is read: the file does not list the member. A file cannot contain such a row. */
  readonly removeMembers?: true;
}
export interface RoleDefinitionRow {
  readonly id: string | null;
  readonly roleName: string;
  readonly builtIn: boolean;
  readonly description: string;
  readonly permissions: Permission[];
  readonly assignableScopes: string[];
}
export interface RoleAssignmentRow {
  /** An external id, an id of Postern's own, or a user's email address. */
  readonly principal: string;
  readonly principalType: "User" | "Group" | "ServicePrincipal" | null;
  readonly principalName: string | null;
  /** A role definition's id or name. */
  readonly role: string;
  /** The role's name in the file, for the list of rows. */
  readonly roleDefinitionName: string | null;
  readonly scope: string;
  /** As in PIM. Without them it begins at once and is permanent. */
  readonly startsAt?: string | null | undefined;
  readonly endsAt?: string | null | undefined;
}

/** The settings of a role at a scope, by PIM's rules. */
export interface RoleSettingsRow extends RulesRead {
  readonly role: string;
  readonly roleDefinitionName: string | null;
  readonly scope: string;
}

/** One row of a file: its content, or what is wrong with it. Rows and lines count from one. */
export type FileRow =
  | { readonly number: number; readonly line: number; readonly title: string; readonly data: object }
  | { readonly number: number; readonly line: number; readonly title: string; readonly fault: string };

/** The scope that contains another according to its text alone; null for the root. */
export function parentScopeOf(child: string): string | null {
  if (child === "/") return null;
  const parts = child.split("/");
  const lower = parts.map((part) => part.toLowerCase());
  const above = parts.slice(0, -2);
  // A resource directly below a provider belongs to what the provider belongs to.
  return (lower[above.length - 2] === "providers" ? above.slice(0, -2) : above).join("/") || "/";
}
