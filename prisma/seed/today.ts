import { addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { remindOfDeadlines } from "@/lib/operations/notifications/remind-of-deadlines";
import { type Demo, roles } from "./demo";

/** The holders of Contributor through a group when the demo begins. */
const atWork = [
  {
    name: "Nadia Petrova",
    group: "Platform Engineers",
    place: "Contoso Production",
    reason: "Scale out for the campaign",
    hours: 8,
  },
  {
    name: "Sofia Papadaki",
    group: "Data Science",
    place: "Contoso Sandbox",
    reason: "Train the forecast model",
    hours: 6,
  },
];

/**
 * The state when the demo begins: the approvers have been reminded of a request that times out soon, and some people
 * hold roles that they activated within the last hour.
 */
export async function seedToday(demo: Demo, end: Date): Promise<void> {
  const { database, clock } = demo;
  clock.now = addMinutes(end, -55);
  await remindOfDeadlines(database);
  await deliverNotifications(database, { mail: false });
  for (const { name, group, place, reason, hours } of atWork) {
    clock.now = addMinutes(clock.now, 15);
    const person = demo.colleague(name);
    const resourceId = demo.resource(place);
    const eligibility = await database.client.eligibility.findFirstOrThrow({
      where: { principalId: demo.group(group), roleDefinitionId: roles.contributor, resourceId },
      select: { id: true },
    });
    const caller = await demo.callerOf(person);
    const input = { eligibilityId: eligibility.id, resourceId, startsAt: null, durationMinutes: hours * 60 };
    demo.must(
      await activateRole(database, caller, {
        ...input,
        justification: reason,
        ticketNumber: null,
        ticketSystem: null,
        proofId: await demo.prove(person, caller, { kind: "ActivateRole", ...input }),
      }),
    );
    await deliverNotifications(database, { mail: false });
  }
}
