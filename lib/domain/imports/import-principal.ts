import { z } from "zod";
import type { PrincipalType } from "@/lib/domain/people/principal";

/** A principal that a row of an import names. A null id: the row creates it. */
export interface ImportPrincipal {
  readonly as: "Person" | "Group" | "Member" | "Approver";
  readonly id: string | null;
  readonly type: PrincipalType;
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
}

/** The same as it is stored with the row. */
export const importPrincipalShape: z.ZodType<ImportPrincipal> = z.object({
  as: z.enum(["Person", "Group", "Member", "Approver"]),
  id: z.string().nullable(),
  type: z.enum(["User", "Group", "ServicePrincipal"]),
  displayName: z.string(),
  email: z.string().nullable(),
  externalId: z.string().nullable(),
});
