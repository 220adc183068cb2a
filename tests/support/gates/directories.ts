import { createHash, randomUUID } from "node:crypto";
import { createDirectory, createDirectoryOperation } from "@/lib/operations/directories/create-directory";
import {
  handOverPrincipal,
  handOverPrincipalOperation,
} from "@/lib/operations/directories/hand-over-principal";
import {
  replaceDirectoryToken,
  replaceDirectoryTokenOperation,
} from "@/lib/operations/directories/replace-directory-token";
import { makeDirectory } from "../directories";
import { grant } from "../factories";
import { type Gates, outcomeOf } from "./gate";

/** The same token each time that a row is tried. */
const tokenOf = (name: string) => ({
  tokenHash: new Uint8Array(createHash("sha256").update(name).digest()),
  days: 90,
});

/**
 * Operations that give a directory power over people. What a directory itself may not do is in
 * tests/integration/directories.
 */
export const gatesOfDirectories: Gates = {
  "creating a directory": {
    file: "create-directory.ts",
    kind: "CreateDirectory",
    async arrange({ database, owner }) {
      const name = `Contoso ${randomUUID()}`;
      const input = { name, token: tokenOf(name) };
      return {
        caller: owner,
        operation: createDirectoryOperation(input),
        run: async (proofId) => outcomeOf(await createDirectory(database, owner, { ...input, proofId })),
      };
    },
  },
  "replacing the token of a directory": {
    file: "replace-directory-token.ts",
    kind: "ReplaceDirectoryToken",
    async arrange(world) {
      const { id } = await makeDirectory(world);
      const input = { directoryId: id, token: tokenOf(id) };
      return {
        caller: world.owner,
        operation: replaceDirectoryTokenOperation(input),
        run: async (proofId) =>
          outcomeOf(await replaceDirectoryToken(world.database, world.owner, { ...input, proofId })),
      };
    },
  },
  "giving a person to a directory": {
    file: "hand-over-principal.ts",
    kind: "HandOverPrincipal",
    async arrange(world) {
      const { id } = await makeDirectory(world);
      const person = await world.person("Ada");
      const role = await world.protectedRole();
      await grant(world.database, "active", person.userId, role.id, world.tree.subscription.id);
      const input = { principalId: person.userId, directoryId: id };
      return {
        caller: world.owner,
        operation: handOverPrincipalOperation(input),
        run: async (proofId) =>
          outcomeOf(await handOverPrincipal(world.database, world.owner, { ...input, proofId })),
      };
    },
  },
};
