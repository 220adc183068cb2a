import { activateRole } from "@/lib/operations/activation/activate-role";
import { createBundle } from "@/lib/operations/preferences/keep-bundle";
import { addFavourite } from "@/lib/operations/preferences/keep-favourite";
import { type Demo, roles } from "./demo";

/** The member's usual day: Contributor on one resource group for two hours, Reader among the favourites, and a bundle. */
export async function seedDaily(demo: Demo, at: Date): Promise<void> {
  const { database, must } = demo;
  const member = demo.key("member");
  const resourceId = demo.resource("prod-web");
  const caller = await demo.callerOf(member);
  demo.clock.now = at;
  const eligibility = await database.client.eligibility.findFirstOrThrow({
    where: { principalId: member.id, roleDefinitionId: roles.contributor },
  });
  const input = { eligibilityId: eligibility.id, resourceId, startsAt: null, durationMinutes: 120 };
  must(
    await activateRole(database, caller, {
      ...input,
      justification: "Morning deployment of the web shop",
      ticketNumber: null,
      ticketSystem: null,
      proofId: await demo.prove(member, caller, { kind: "ActivateRole", ...input }),
    }),
  );
  must(await addFavourite(database, caller, { roleDefinitionId: roles.contributor, resourceId }));
  must(
    await addFavourite(database, caller, {
      roleDefinitionId: roles.reader,
      resourceId: demo.resource("Contoso Production"),
    }),
  );
  const production = await database.client.eligibility.findMany({
    where: { principalId: member.id, resourceId: demo.resource("Contoso Production") },
    orderBy: { roleDefinitionId: "desc" },
    take: 2,
  });
  must(
    await createBundle(database, caller, {
      name: "Friday deployment",
      eligibilityIds: production.map(({ id }) => id),
    }),
  );
}
