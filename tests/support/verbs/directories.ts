import { randomUUID } from "node:crypto";
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
import { makeDirectory } from "../directories";
import { makeUser } from "../factories";
import type { Organisation } from "../privileges";
import { given, verb } from "./verb";

const token = () => ({ tokenHash: new Uint8Array(Buffer.from(randomUUID().slice(0, 32))), days: 90 });

/** Their number is limited, so the older ones of earlier rows end. */
async function makeRoom(at: Organisation): Promise<void> {
  await at.test.asOwner(`
    UPDATE directories SET ended_at = created_at, token_hash = NULL, token_made_at = NULL, token_expires_at = NULL
    WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM directories ORDER BY id DESC LIMIT 10)`);
}

async function directoryAt(at: Organisation): Promise<string> {
  await makeRoom(at);
  return (await makeDirectory(at)).id;
}

/** Verbs that manage directories. They need rights at the root. */
export const verbsOfDirectories = {
  "creating a directory": verb("create-directory", async ({ at, root }) => {
    await makeRoom(at);
    return given({
      caller: root,
      input: { name: `Contoso ${randomUUID()}`, token: token() },
      operation: createDirectoryOperation,
      run: (caller, input, proofId) => createDirectory(at.database, caller, { ...input, proofId }),
    });
  }),
  "replacing the token of a directory": verb("replace-directory-token", async ({ at, root }) =>
    given({
      caller: root,
      input: { directoryId: await directoryAt(at), token: token() },
      operation: replaceDirectoryTokenOperation,
      run: (caller, input, proofId) => replaceDirectoryToken(at.database, caller, { ...input, proofId }),
    }),
  ),
  "revoking the token of a directory": verb("revoke-directory-token", async ({ at, root }) =>
    given({
      caller: root,
      input: { directoryId: await directoryAt(at) },
      run: (caller, input) => revokeDirectoryToken(at.database, caller, input),
    }),
  ),
  "removing a directory": verb("end-directory", async ({ at, root }) =>
    given({
      caller: root,
      input: { directoryId: await directoryAt(at) },
      run: (caller, input) => endDirectory(at.database, caller, input),
    }),
  ),
  "giving a person to a directory": verb("hand-over-principal", async ({ at, root }) =>
    given({
      caller: root,
      input: { principalId: (await makeUser(at.database)).id, directoryId: await directoryAt(at) },
      operation: handOverPrincipalOperation,
      run: (caller, input, proofId) => handOverPrincipal(at.database, caller, { ...input, proofId }),
    }),
  ),
};
