import type { Audience, EventFacts } from "@/lib/domain/event-facts";
import { type Action, action } from "@/lib/domain/permissions";
import type { RoleSettings } from "@/lib/domain/role-settings";
import { type Person, peopleBehind, peopleWhoMay } from "@/lib/operations/find-people";
import type { Transaction } from "@/lib/platform/database";

/** The people of an audience of an event, as things are now. Nobody is told, as one of many, what they did themselves. */
export async function findAudience(
  transaction: Transaction,
  audience: Audience,
  event: EventFacts,
  settings: RoleSettings,
): Promise<readonly Person[]> {
  const behind = async (ids: readonly (string | null)[]) => {
    const people = await peopleBehind(
      transaction,
      ids.filter((id) => id !== null),
    );
    return [...people.values()].flat();
  };
  const who = async (operation: Action) =>
    event.resourceId === null ? [] : peopleWhoMay(transaction, operation, event.resourceId);
  const others = (people: readonly Person[]) => people.filter((person) => person.id !== event.actorId);
  switch (audience) {
    case "actor":
      return behind([event.actorId]);
    case "target":
      return behind([event.targetId]);
    case "requestor":
      return behind([event.requestorId]);
    case "approvers":
      return settings.approvalRequired
        ? others(await behind(settings.approvalStages.flatMap((stage) => stage.approverIds)))
        : [];
    case "administrators":
      return others(await who(action.writeRoleSettings));
    case "eligibilityGivers":
      return others(await who(action.writeEligibility));
    case "assignmentGivers":
      return others(await who(action.writeAssignment));
  }
}
