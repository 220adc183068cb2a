import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { makeEligible, previewMakeEligible } from "@/lib/operations/assignments/make-eligible";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import type { Assign } from "./access";
import { type Demo, roles } from "./demo";

const { contributor, keyVaultAdministrator, reader, userAccessAdministrator } = roles;
const networkContributor = "4d97b98b-1d4f-4787-a291-c67834d212e7";
const virtualMachineContributor = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c";

/** What the organisation brought along: who holds which role without activating it, and in which turn it is made eligible. */
const brought = [
  { who: "Ingrid Solberg", role: userAccessAdministrator, place: "lab-ml", turn: null },
  { who: "Tomás Herrera", role: contributor, place: "stage-network", turn: 3 },
  { who: "Fatima Zahra", role: contributor, place: "stage-network", turn: null },
  { who: "Web Team", role: contributor, place: "stage-network", turn: null },
  { who: "Tomás Herrera", role: keyVaultAdministrator, place: "prod-security", turn: 2 },
  { who: "Chiara Rossi", role: keyVaultAdministrator, place: "prod-security", turn: null },
  { who: "Emil Kowalski", role: virtualMachineContributor, place: "stage-network", turn: 0 },
  { who: "Tomás Herrera", role: virtualMachineContributor, place: "stage-network", turn: 1 },
  { who: "Ingrid Solberg", role: virtualMachineContributor, place: "stage-network", turn: 0 },
  { who: "Chiara Rossi", role: virtualMachineContributor, place: "stage-network", turn: null },
  { who: "Fatima Zahra", role: networkContributor, place: "stage-network", turn: 1 },
  { who: "Aisha Khan", role: networkContributor, place: "stage-network", turn: 0 },
  { who: "Emil Kowalski", role: networkContributor, place: "stage-network", turn: 2 },
  { who: "Web Team", role: reader, place: "stage-network", turn: null },
] as const;
/** So many days before the end each turn is. */
const turns = [66, 45, 24, 10];

/**
 * Standing access for **Reduce standing access**, of every risk, which the Owner reduces over the weeks. One of its holders
 * did something there long ago. The result makes what is due eligible.
 */
export async function seedStanding(demo: Demo, assign: Assign, end: Date): Promise<() => Promise<void>> {
  const { database, clock, colleague, group, resource, must } = demo;
  const idOf = (who: string) => (who === "Web Team" ? group(who) : colleague(who).id);
  for (const { who, role, place } of brought) await assign("Active", role, resource(place), [idOf(who)], 180);
  const long = colleague("Chiara Rossi");
  await assign("Eligible", reader, resource("prod-security"), [long.id], 365);
  const { id: eligibilityId } = await database.client.eligibility.findFirstOrThrow({
    where: { principalId: long.id, resourceId: resource("prod-security") },
    select: { id: true },
  });
  const asked = { eligibilityId, resourceId: resource("prod-security"), startsAt: null, durationMinutes: 60 };
  const caller = await demo.callerOf(long);
  clock.now = addMinutes(clock.now, 5);
  const proofId = await demo.prove(long, caller, { kind: "ActivateRole", ...asked });
  const words = { justification: "Check what the vaults hold", ticketNumber: null, ticketSystem: null };
  must(await activateRole(database, caller, { ...asked, ...words, proofId }));

  let turn = 0;
  return async () => {
    const due = turns[turn];
    if (due === undefined || clock.now < addDays(end, -due)) return;
    const rows = brought.filter((each) => each.turn === turn);
    turn += 1;
    const owner = await demo.callerOf(demo.key("owner"));
    const found = await database.client.assignment.findMany({
      where: {
        assignmentType: "Assigned",
        OR: rows.map(({ who, role, place }) => ({
          principalId: idOf(who),
          roleDefinitionId: role,
          resourceId: resource(place),
        })),
      },
      select: { id: true },
    });
    const ids = found.map(({ id }) => id);
    const because = { justification: "Activate it when it is needed" };
    const { results } = await previewMakeEligible(database, owner, { ids, ...because }, noIssuers);
    const shown = results.map((result, index) => ({
      id: ids[index] ?? "",
      shown: result.ok ? result.shown : null,
    }));
    const made = await makeEligible(database, owner, { rows: shown, ...because, proofId: null }, noIssuers);
    for (const result of made) must(result);
  };
}
