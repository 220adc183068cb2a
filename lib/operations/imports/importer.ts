import type { SpentProof } from "@/lib/authority/spend-proof";
import type { ImportPrincipal } from "@/lib/domain/imports/import-principal";
import type { ImportRight } from "@/lib/domain/imports/import-rights";
import type { ExceptionWanted } from "@/lib/domain/roles/conflict-exception";
import { sameValue } from "@/lib/domain/roles/same-value";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";

/** One row of an import as an importer gets it. */
export interface ImportItem<Row> {
  readonly number: number;
  readonly data: Row;
  /** What the dry run showed; null in the dry run. */
  readonly shown: ShownRow | null;
}

/**
 * The result of a row's dry run: what it would do, to whom and where. It is stored with the row, and
 * applied exactly or not at all.
 */
export interface ShownRow {
  readonly outcome: string;
  readonly difference: unknown;
  readonly about: About | null;
}

/** What the references of a row led to. */
export interface About {
  readonly principals: readonly ImportPrincipal[];
  /** Ids, versions and settings that determine what the row does. */
  readonly facts: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** What a row would do, or did. */
export interface ImportVerdict {
  readonly number: number;
  readonly outcome: "Add" | "Change" | "Remove" | "Unchanged" | "Bad";
  readonly reason: string | null;
  readonly difference: Prisma.InputJsonObject | null;
  readonly about: About | null;
  /** It may only be applied with a proof of the administrator, and there was none. */
  readonly needsProof: boolean;
  /** Only a phishing-resistant factor would be accepted for that proof. */
  readonly needsResistant?: boolean;
  /** For a row that conflict rules refuse: which rules, and for whom an exception would be. */
  readonly conflicts?: readonly ExceptionWanted[];
}

/** A proof that was spent for an import, and how old it is. */
export interface ImportProof extends SpentProof {
  readonly ageSeconds: number;
}

/** The input of an importer. */
export interface ImportContext {
  readonly transaction: Transaction;
  readonly caller: Actor;
  readonly importId: string;
  /** False for the dry run, which only judges. */
  readonly write: boolean;
  /**
   * Whether what is written is undone, so that later files of an import see what earlier ones will
   * create (`rehearseImport`). Then nothing was shown yet.
   */
  readonly rehearsal: boolean;
  /** The ids of what earlier rows of this import have created. They differ between the rehearsal and the application. */
  readonly made: ReadonlySet<string>;
  readonly capToMaximum: boolean;
  readonly justification: string | null;
  /** The proof that the administrator has spent for this import, read now; null for none. */
  readonly proof: () => Promise<ImportProof | null>;
  /** Called with every right that a row requires, whether or not the caller has it. */
  readonly takes: (right: ImportRight) => void;
}

/**
 * Judges rows against the present state. With `write`, it also creates what they add and change, with
 * an event for each, in the caller's transaction. The verdict on a row is the same either way.
 */
export type Importer<Row> = (
  context: ImportContext,
  items: readonly ImportItem<Row>[],
) => Promise<ImportVerdict[]>;

const changedSince =
  "Something that this row names has changed since the preview. Upload the file again to see what it would do now.";

/**
 * The verdict, if it is the same as in the dry run: the same change, to the same people, under the same
 * conditions (docs/rules.md, rule 14). Otherwise the row is refused. The dry run itself passes, and so
 * do rows that change nothing.
 */
export function asShown(
  { write, rehearsal, made }: ImportContext,
  { shown }: Pick<ImportItem<unknown>, "shown">,
  verdict: ImportVerdict,
): ImportVerdict {
  if (!write || rehearsal || verdict.outcome === "Bad" || verdict.outcome === "Unchanged") return verdict;
  const same =
    shown !== null &&
    shown.outcome === verdict.outcome &&
    sameValue(shown.difference, verdict.difference) &&
    sameValue(shown.about, withoutMade(made, verdict.about));
  return same ? verdict : bad(verdict.number, changedSince, verdict.about);
}

/** What a row refers to. What this import itself creates is named, but not identified. */
export function withoutMade(made: ReadonlySet<string>, about: About | null): About | null {
  if (about === null || made.size === 0) return about;
  const named = (value: string) => (made.has(value) ? "made by this import" : value);
  const fact = (value: About["facts"][string]) => {
    if (typeof value === "string") return named(value);
    return Array.isArray(value) ? value.map(named).sort() : value;
  };
  return {
    principals: about.principals.map((each) =>
      each.id !== null && made.has(each.id) ? { ...each, id: null } : each,
    ),
    facts: Object.fromEntries(Object.entries(about.facts).map(([name, value]) => [name, fact(value)])),
  };
}

/** Stands for a proof where everything is rolled back. It shows what would be possible with one. */
export const rehearsedProof: ImportProof = { id: "rehearsed", method: "Passkey", ageSeconds: 0 };

/** The proof as it is recorded. Null if it only stands for one. */
export function recorded<Proof extends SpentProof>(proof: Proof | null): Proof | null {
  return proof?.id === rehearsedProof.id ? null : proof;
}

/** The proof as an event records it, with its age. */
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

/** Removes the member. */
export function removesMembers(
  number: number,
  about: About,
  before: Prisma.InputJsonObject,
  reason: string | null,
): ImportVerdict {
  return { number, outcome: "Remove", reason, difference: { before }, about, needsProof: false };
}
