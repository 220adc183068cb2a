import { afterAll, beforeAll, expect, it } from "vitest";
import { auditGroups } from "@/lib/domain/audit/audit-kinds";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** Words by which a kind of event may say that somebody got something. */
const giving =
  /Added|Updated|Issued|Reset|Enabled|Created|Approved|Extended|Renewed|HandedOver|Linked|Replaced/;

/** Kinds of such names that let nobody close the review of an emergency, and why. */
const givesNothing = [
  // Of things, not of people: what people have by them is judged where they got it.
  ...["ConflictRuleCreated", "ConflictRuleUpdated", "ConflictExceptionApproved", "ResourceCreated"],
  ...["ResourceTypeAdded", "ResourceTypeUpdated"],
  ...["ResourceUpdated", "OrganisationUpdated", "SignInRulesUpdated", "AlertSettingsUpdated"],
  ...["ExportScheduleCreated", "ExportScheduleUpdated", "AccessReviewUpdated", "AccessReviewDecisionReset"],
  // What it applies is judged where it gives it.
  ...["ImportScheduleCreated", "ImportScheduleUpdated"],
  // Whom the approved request names is who is asked, whatever the settings say since.
  "RoleSettingsUpdated",
  // A new role is held by nobody until somebody assigns it.
  "RoleDefinitionCreated",
  // Less than was there: whoever gave the active assignment counts.
  "EligibleAssignmentReplacedActive",
  // What members do with what they have.
  ...["ActivationExtended", "RequestApproved"],
  // What people do with their own sign-in and factors, or undo.
  ...["AuthenticatorReplaced", "RecoveryCodesReplaced", "IdentityLinked", "IdentityUnlinked"],
  // What keeps somebody's factors as they are.
  ...["FactorResetStopped", "FactorResetWithdrawn", "FactorResetLapsed"],
  // A name. Whoever changes an address or a name gets into nobody's account by it.
  "PrincipalUpdated",
];

it("every event by which somebody may get power counts where the review of an emergency is closed", async () => {
  const { rows } = await test.asOwner("SELECT pg_get_functiondef('power_came_from'::regproc) AS body");
  const counted = new Set(
    String(rows[0]?.body)
      .match(/'[A-Z][A-Za-z]+'/g)
      ?.map((text) => text.slice(1, -1)),
  );
  const unjudged = auditGroups
    .flatMap(({ kinds }) => kinds)
    .filter((kind) => giving.test(kind) && !counted.has(kind) && !givesNothing.includes(kind));
  expect(unjudged).toEqual([]);
});
