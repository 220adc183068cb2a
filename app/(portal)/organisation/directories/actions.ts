"use server";

import { z } from "zod";
import { tokenDays } from "@/lib/domain/directories/directory";
import { displayNameField } from "@/lib/domain/people/principal";
import { makeDirectoryToken } from "@/lib/identity/directories/directory-token";
import { createDirectory, createDirectoryOperation } from "@/lib/operations/directories/create-directory";
import { endDirectory } from "@/lib/operations/directories/end-directory";
import {
  handOverPrincipal,
  handOverPrincipalOperation,
} from "@/lib/operations/directories/hand-over-principal";
import {
  replaceDirectoryToken,
  replaceDirectoryTokenOperation,
} from "@/lib/operations/directories/replace-directory-token";
import { revokeDirectoryToken } from "@/lib/operations/directories/revoke-directory-token";
import { application } from "@/lib/platform/application";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { knownId } from "@/lib/web/form-fields";

const days = z.coerce
  .number()
  .refine((given) => tokenDays.some((each) => each === given), "Choose how long the token is valid.");
const newDirectory = z.object({ name: displayNameField, days });
const directoryId = knownId("directory");
const newToken = z.object({ directoryId, days });
const handOver = z.object({
  principalId: knownId("principal"),
  directoryId: z.union([z.literal("").transform(() => null), z.uuid().toLowerCase()]),
});

function shownOnce(token: string) {
  const { publicUrl } = application().configuration;
  return {
    label: "The token of the directory",
    value: token,
    hint: `Store it in your identity provider now. It is not shown again. The address of the service is ${publicUrl}/scim/v2`,
  };
}

export const prepareDirectory = challengeAction({
  shape: newDirectory,
  operation: ({ name, days: goodFor }) => createDirectoryOperation({ name, token: { days: goodFor } }),
});

/** Creates a directory. Its token is shown once. */
export const addDirectory = provedAction({
  shape: newDirectory,
  async run({ caller, database, proofId }, fields) {
    const { token, tokenHash } = makeDirectoryToken();
    const input = { name: fields.name, token: { tokenHash, days: fields.days }, proofId };
    const result = await createDirectory(database, caller, input);
    return result.ok ? { ...result, token } : result;
  },
  done: ({ token }) => ({ ok: true, message: "The directory is created.", secret: shownOnce(token) }),
});

export const prepareToken = challengeAction({
  shape: newToken,
  operation: ({ directoryId: id, days: goodFor }) =>
    replaceDirectoryTokenOperation({ directoryId: id, token: { days: goodFor } }),
});

/** Replaces the token of a directory. The new one is shown once. */
export const replaceToken = provedAction({
  shape: newToken,
  async run({ caller, database, proofId }, fields) {
    const { token, tokenHash } = makeDirectoryToken();
    const input = { directoryId: fields.directoryId, token: { tokenHash, days: fields.days }, proofId };
    const result = await replaceDirectoryToken(database, caller, input);
    return result.ok ? { ...result, token } : result;
  },
  done: ({ token }) => ({ ok: true, message: "The token is replaced.", secret: shownOnce(token) }),
});

/** Revokes the token of a directory at once. */
export const revokeToken = formAction({
  shape: z.object({ directoryId }),
  run: ({ caller, database }, fields) => revokeDirectoryToken(database, caller, fields),
  done: () => "The token is revoked.",
});

/** Removes a directory. Its people and groups stay, and are managed by hand again. */
export const removeDirectory = formAction({
  shape: z.object({ directoryId }),
  run: ({ caller, database }, fields) => endDirectory(database, caller, fields),
  done: () => "The directory is removed.",
});

export const prepareHandOver = challengeAction({ shape: handOver, operation: handOverPrincipalOperation });

/** Moves a principal into a directory, or takes them out of theirs. */
export const submitHandOver = provedAction({
  shape: handOver,
  run: ({ caller, database, proofId }, fields) => handOverPrincipal(database, caller, { ...fields, proofId }),
  done: (_, { directoryId: to }) =>
    to === null ? "It no longer belongs to the directory." : "It belongs to the directory now.",
});
