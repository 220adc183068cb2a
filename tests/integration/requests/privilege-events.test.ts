import { afterAll, beforeAll, expect, it } from "vitest";
import { auditGroups } from "@/lib/domain/audit/audit-kinds";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** Words in names of events that may mean that somebody got something. */
const giving =
  /Added|Updated|Issued|Reset|Enabled|Created|Approved|Extended|Renewed|HandedOver|Linked|Replaced/;

/** Events with such names that keep nobody from closing the review of an emergency, and why. */
const givesNothing = [
  // They are about things, not people: access that people get by them is judged where they got it.
  ...["ConflictRuleCreated", "ConflictRuleUpdated", "ConflictExceptionApproved", "ResourceCreated"],
  ...["ResourceTypeAdded", "ResourceTypeUpdated"],
  ...["ResourceUpdated", "OrganisationUpdated", "SignInRulesUpdated", "AlertSettingsUpdated"],
  ...["ExportScheduleCreated", "ExportScheduleUpdated", "AccessReviewUpdated", "AccessReviewDecisionReset"],
  // The access that it applies is judged where it gives it.
  ...["ImportScheduleCreated", "ImportScheduleUpdated"],
  // The approved request fixes who is asked, whatever the settings say since.
  "RoleSettingsUpdated",
  // Nobody holds a new role until somebody assigns it.
  "RoleDefinitionCreated",
  // It gives less than was there: the person who gave the active assignment counts.
  "EligibleAssignmentReplacedActive",
  // Members use what they have.
  ...["ActivationExtended", "RequestApproved"],
  // People manage their own sign-in and factors, or undo something.
  ...["AuthenticatorReplaced", "RecoveryCodesReplaced", "IdentityLinked", "IdentityUnlinked"],
  // They keep somebody's factors as they are.
  ...["FactorResetStopped", "FactorResetWithdrawn", "FactorResetLapsed"],
  // A name. Changing an address or a name does not give access to anybody's account.
  "PrincipalUpdated",
];

it("every event that may give somebody privileges counts when the review of an emergency is closed", async () => {
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
