import { addDays } from "@/lib/domain/time/schedule";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { Assign } from "./access";
import type { Organisation, Person } from "./organisation";

const roles = {
  monitoringReader: "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
  virtualMachineContributor: "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
};

/**
 * Assignments from the beginning of the ninety days that are about to end, or ended shortly before: what can be
 * extended and renewed. `member` has one that can be renewed.
 */
export async function seedEndingSoon(
  assign: Assign,
  organisation: Organisation,
  resource: (name: string) => string,
): Promise<void> {
  const people = organisation.people.slice(9, 16).map((person) => person.id);
  const member = organisation.byKey.get("member")?.id;
  const { monitoringReader, virtualMachineContributor } = roles;
  await assign("Eligible", virtualMachineContributor, resource("stage-web"), people.slice(0, 3), 95);
  await assign("Active", monitoringReader, resource("stage-web"), people.slice(3, 5), 99);
  await assign("Eligible", virtualMachineContributor, resource("stage-data"), people.slice(4, 6), 72);
  await assign("Active", monitoringReader, resource("stage-data"), people.slice(6), 81);
  if (member) await assign("Eligible", monitoringReader, resource("stage-tools"), [member], 78);
}

/** Two colleagues ask for more time and wait, for the tab **Requests**. */
export async function seedWaitingRequests(
  database: Database,
  organisation: Organisation,
  callerOf: (person: Person) => Promise<Caller>,
  end: Date,
): Promise<void> {
  const [first, , , , second] = organisation.people.slice(9, 16);
  if (!first || !second) throw new Error("the demo organisation has too few people");
  const ask = async (
    person: Person,
    verb: typeof requestExtension,
    roleDefinitionId: string,
    name: string,
  ) => {
    const eligibility = await database.client.eligibility.findFirstOrThrow({
      where: { principalId: person.id, roleDefinitionId, resource: { displayName: name } },
      select: { id: true },
    });
    const result = await verb(database, await callerOf(person), {
      assignmentType: "Eligible",
      id: eligibility.id,
      endsAt: addDays(end, 90),
      justification: "The migration takes until the next quarter",
    });
    if (!result.ok) throw new Error(`the demo history was refused: ${JSON.stringify(result.error)}`);
  };
  await ask(first, requestExtension, roles.virtualMachineContributor, "stage-web");
  await ask(second, requestRenewal, roles.virtualMachineContributor, "stage-data");
}
