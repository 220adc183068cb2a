import type { SpentProof } from "@/lib/authority/spend-proof";
import type { ImportRight } from "@/lib/domain/imports/import-rights";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { sameValue } from "@/lib/domain/same-value";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";

/** One row of an import as an importer gets it. */
export interface ImportItem<Row> {
  readonly number: number;
  readonly data: Row;
  /** What the dry run showed; null in the dry run itself. */
  readonly shown: ShownRow | null;
}

/** What a row was said to do, to whom and where. It is kept with the row, and applied as it is or not at all. */
export interface ShownRow {
  readonly outcome: string;
  readonly difference: Prisma.InputJsonValue | null;
  readonly about: About | null;
}

/** Somebody whom a row names, and whom it was found to mean. A null id: the row makes them. */
export interface AboutPrincipal {
  readonly as: "Person" | "Group" | "Member";
  readonly id: string | null;
  readonly type: PrincipalType;
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
}

/** What the references of a row were found to mean. */
export interface About {
  readonly principals: readonly AboutPrincipal[];
  /** Ids, versions and settings that decide what the row does. */
  readonly facts: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** What a row would do, or did. */
export interface ImportVerdict {
  readonly number: number;
  readonly outcome: "Add" | "Change" | "Remove" | "Unchanged" | "Bad";
  readonly reason: string | null;
  readonly difference: Prisma.InputJsonObject | null;
  readonly about: About | null;
  /** It may only be applied on a proof of the administrator, and there was none. */
  readonly needsProof: boolean;
}

/** A proof that was spent for an import, and how old it is. */
export interface ImportProof extends SpentProof {
  readonly ageSeconds: number;
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
  /** The proof that the administrator has spent for this import, as it stands at this moment; null for none. */
  readonly proof: () => Promise<ImportProof | null>;
  /** Is told of every right that a row takes, whether or not the caller has it. */
  readonly takes: (right: ImportRight) => void;
}

/**
 * Looks at rows against what there is now and, when asked to write, makes what they add and change, with an audit
 * event for each, in the caller's transaction. What it says of a row is the same either way.
 */
export type Importer<Row> = (
  context: ImportContext,
  items: readonly ImportItem<Row>[],
) => Promise<ImportVerdict[]>;

const changedSince =
  "It changed since the preview: something that it names is not as it was since this file was read. Read the file again to see what it would do now.";

/**
 * The verdict, if it is what the dry run showed: the same change, to the same people, under what it was shown with
 * (docs/rules.md, rule 14). Else a bad row. The dry run itself, and what changes nothing, pass.
 */
export function asShown(
  { write }: ImportContext,
  { shown }: Pick<ImportItem<unknown>, "shown">,
  verdict: ImportVerdict,
): ImportVerdict {
  if (!write || verdict.outcome === "Bad" || verdict.outcome === "Unchanged") return verdict;
  const same =
    shown !== null &&
    shown.outcome === verdict.outcome &&
    sameValue(shown.difference, verdict.difference) &&
    sameValue(shown.about, verdict.about);
  return same ? verdict : bad(verdict.number, changedSince, verdict.about);
}

/** The proof as an event tells of it, with its age. */
export function proofAge(proof: ImportProof | null): { readonly proofAgeSeconds?: number } {
  return proof === null ? {} : { proofAgeSeconds: proof.ageSeconds };
}

export function bad(number: number, reason: string, about: About | null = null): ImportVerdict {
  return { number, outcome: "Bad", reason, difference: null, about, needsProof: false };
}

export function unchanged(number: number, about: About | null, reason: string | null = null): ImportVerdict {
  return { number, outcome: "Unchanged", reason, difference: null, about, needsProof: false };
}

export function adds(
  number: number,
  about: About,
  after: Prisma.InputJsonObject,
  reason: string | null = null,
): ImportVerdict {
  return { number, outcome: "Add", reason, difference: { after }, about, needsProof: false };
}

export function changes(
  number: number,
  about: About,
  before: Prisma.InputJsonObject,
  after: Prisma.InputJsonObject,
): ImportVerdict {
  return { number, outcome: "Change", reason: null, difference: { before, after }, about, needsProof: false };
}

/** What there is is taken away. */
export function takesOut(
  number: number,
  about: About,
  before: Prisma.InputJsonObject,
  reason: string | null,
): ImportVerdict {
  return { number, outcome: "Remove", reason, difference: { before }, about, needsProof: false };
}
