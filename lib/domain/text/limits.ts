/**
 * The maximum lengths of what people type and files contain. They are those of Entra and Azure, so that
 * whatever is valid there can be imported, and whatever is imported can be edited. Forms, imports and
 * the checks of the database share them.
 */
export const limits = {
  /** The name of a user, group or service principal (Entra: 256). */
  displayName: 256,
  externalId: 400,
  /** Azure: 512. */
  roleName: 512,
  /** Azure: 2048. */
  roleDescription: 2_048,
  /** As long as a scope, which is a resource's name if it has no other. */
  resourceName: 1_000,
  /** The word for one resource of a type that the organisation added. */
  resourceTypeName: 100,
  /** Patterns of each kind, and assignable scopes (Azure: 2000). */
  patterns: 2_000,
  patternLength: 300,
  assignableScopes: 2_000,
} as const;

/** A search may be the longest name, pasted. */
export const longestSearch = 512;
