import type { SpentProof } from "@/lib/authority/spend-proof";
import { sameValue } from "@/lib/domain/same-value";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";

/** One row of an import as an importer gets it. */
export interface ImportItem<Row> {
  readonly number: number;
  readonly data: Row;
  /** The change that the dry run showed; null where it showed none, and in the dry run itself. */
  readonly shown: ShownChange | null;
}

/** What a row was said to change, from what to what. */
export type ShownChange = { readonly before: unknown; readonly after: unknown };

/** What a row would do, or did. */
export interface ImportVerdict {
  readonly number: number;
  readonly outcome: "Add" | "Change" | "Remove" | "Unchanged" | "Bad";
  readonly reason: string | null;
  readonly difference: Prisma.InputJsonObject | null;
  /** It may only be applied on a proof of the administrator, and there was none. */
  readonly needsProof: boolean;
}

/** What an importer works with. */
export interface ImportContext {
  readonly transaction: Transaction;
  readonly caller: Actor;
  readonly importId: string;
  /** False for the dry run: nothing but the answer. */
  readonly write: boolean;
  readonly capToMaximum: boolean;
  readonly justification: string | null;
  /** The proof that the administrator has spent for this import; null when there is none. */
  readonly proof: () => Promise<SpentProof | null>;
}

/**
 * Looks at rows against what there is now and, when asked to write, makes what they add and change, with an audit
 * event for each, in the caller's transaction. What it says of a row is the same either way.
 */
export type Importer<Row> = (
  context: ImportContext,
  items: readonly ImportItem<Row>[],
) => Promise<ImportVerdict[]>;

/**
 * Why a change is not applied that is not the one that the dry run showed: somebody has changed the same since. Null for
 * the one that was shown, and in the dry run.
 */
export function staleChange(
  { write }: ImportContext,
  { shown }: Pick<ImportItem<unknown>, "shown">,
  { difference }: ImportVerdict,
): string | null {
  if (!write || (shown !== null && sameValue(shown, difference))) return null;
  return "Somebody has changed it since this file was read: read the file again to see what it would change now.";
}

export function bad(number: number, reason: string): ImportVerdict {
  return { number, outcome: "Bad", reason, difference: null, needsProof: false };
}

export function unchanged(number: number, reason: string | null = null): ImportVerdict {
  return { number, outcome: "Unchanged", reason, difference: null, needsProof: false };
}

export function adds(
  number: number,
  after: Prisma.InputJsonObject,
  reason: string | null = null,
): ImportVerdict {
  return { number, outcome: "Add", reason, difference: { after }, needsProof: false };
}

export function changes(
  number: number,
  before: Prisma.InputJsonObject,
  after: Prisma.InputJsonObject,
): ImportVerdict {
  return { number, outcome: "Change", reason: null, difference: { before, after }, needsProof: false };
}

/** What there is is taken away. */
export function takesOut(
  number: number,
  before: Prisma.InputJsonObject,
  reason: string | null,
): ImportVerdict {
  return { number, outcome: "Remove", reason, difference: { before }, needsProof: false };
}
