import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { Caller } from "@/lib/platform/caller";
import { grant } from "../factories";
import type { Organisation } from "../privileges";
import { verbsOfAccess } from "./access";
import { verbsOfBreakGlass } from "./break-glass";
import { verbsOfDecisions } from "./decisions";
import { verbsOfDirectories } from "./directories";
import { verbsOfFactors } from "./factors";
import { verbsOfPeople } from "./people";
import { verbsOfResources } from "./resources";
import { verbsOfRoles } from "./roles";
import { verbsOfScheduledImports } from "./scheduled-imports";
import type { Ground } from "./verb";

/** Every verb that a caller uses. The last test of `every-verb` checks that none is missing. */
export const verbs = {
  ...verbsOfAccess,
  ...verbsOfDecisions,
  ...verbsOfPeople,
  ...verbsOfFactors,
  ...verbsOfBreakGlass,
  ...verbsOfRoles,
  ...verbsOfResources,
  ...verbsOfDirectories,
  ...verbsOfScheduledImports,
};

/** A place with an owner of its own, and an owner of the root. */
export async function groundAt(at: Organisation, now: Date, place: Ground["place"]): Promise<Ground> {
  const owner = async (resourceId: string): Promise<Caller> => {
    const caller = await at.person("Otto Owner");
    await grant(at.database, "active", caller.userId, ownerRoleId, resourceId);
    return caller;
  };
  return { at, now, place, admin: await owner(place.id), root: await owner(at.tree.root.id) };
}
