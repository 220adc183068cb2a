import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { activateRoles } from "@/lib/operations/activation/activate-roles";
import { changeAssignments, previewChange } from "@/lib/operations/assignments/change-assignments";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { arrangeApproval, setSettings } from "../../support/approval";
import { approveRequest } from "../../support/decide-one";
import { grant, makeGroup, makeRole } from "../../support/factories";
import { azureUser, makeImports } from "../../support/imports";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  at = await makeImports(() => now);
  await at.test.asOwner(`
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END $$`);
});
afterEach(() => vi.mocked(console.error).mockClear());
afterAll(() => at.test.drop());

/** While `work` runs, the database answers each row for this table as if its disk were full. */
async function withoutRoomFor<Result>(table: string, work: () => Promise<Result>): Promise<Result> {
  await at.test.asOwner(
    `CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION no_room()`,
  );
  try {
    return await work();
  } finally {
    await at.test.asOwner(`DROP TRIGGER no_room ON ${table}`);
  }
}

const because = { justification: "Known outage", proofId: null };
const takesNoChanges = {
  ok: false,
  error: { code: "TakesNoChanges", message: expect.stringContaining("Nothing was changed") },
};

it("refuses in plain words where the disk is full, keeps nothing half done, and continues when there is room", async () => {
  const group = await makeGroup(at.database, [], "Web Team");
  const ada = await at.person("Ada");
  const add = () =>
    addGroupMembers(at.database, at.owner, {
      groupId: group.id,
      memberIds: [ada.userId],
      justification: "Joins the team",
      proofId: null,
    });
  // The member is written first, and the log has no room: neither is kept.
  expect(await withoutRoomFor("audit_events", add)).toMatchObject(takesNoChanges);
  expect(await at.database.client.groupMember.count({ where: { groupId: group.id } })).toBe(0);
  expect(console.error).toHaveBeenCalledWith(expect.stringContaining("No space left"));
  expect(await add()).toMatchObject({ ok: true, added: 1 });
  // A refusal that does not fit in the log is not answered as a refusal, since it would not be logged.
  expect(await withoutRoomFor("audit_events", add)).toMatchObject(takesNoChanges);
});

it("says so of each of several rows, and does none of them", async () => {
  const role = await makeRole(at.database, "Reader of some", { actions: ["*/read"] });
  const [ada, bob] = [await at.person("Ada"), await at.person("Bob")];
  const rows = await Promise.all(
    [ada, bob].map(async ({ userId }) => {
      const { id } = await grant(at.database, "eligible", userId, role.id, at.tree.group.id);
      return { id, assignmentType: "Eligible" as const, expectedEnd: null };
    }),
  );
  const remove = () =>
    changeAssignments(at.database, at.owner, {
      change: { change: "Remove" },
      rows,
      justification: "Left",
      proofId: null,
    });
  expect(await withoutRoomFor("audit_events", remove)).toMatchObject([takesNoChanges, takesNoChanges]);
  // A preview logs the rows that its caller has no right to.
  const preview = () =>
    previewChange(at.database, ada, { change: { change: "Remove" }, rows, justification: "Left" });
  const { results } = await withoutRoomFor("audit_events", preview);
  expect(results).toMatchObject([takesNoChanges, takesNoChanges]);
  expect(await remove()).toMatchObject([{ ok: true }, { ok: true }]);
});

it("says so of each role that is activated, and of each request that is decided", async () => {
  const { database } = at;
  const ada = await at.person("Ada");
  const items = await Promise.all(
    ["Reader of this", "Reader of that"].map(async (name) => {
      const role = await makeRole(database, name, { actions: ["*/read"] });
      await setSettings(database, role.id, at.tree.group.id, {
        ...defaultRoleSettings,
        activationRequiresMfa: false,
      });
      const { id } = await grant(database, "eligible", ada.userId, role.id, at.tree.group.id);
      return { eligibilityId: id, resourceId: at.tree.group.id, durationMinutes: 60 };
    }),
  );
  const activate = () =>
    activateRoles(database, ada, {
      items,
      startsAt: null,
      justification: "Release day",
      ticketNumber: null,
      ticketSystem: null,
      proofId: null,
    });
  expect(await withoutRoomFor("audit_events", activate)).toEqual([takesNoChanges, takesNoChanges]);
  expect(await database.client.request.count({ where: { principalId: ada.userId } })).toBe(0);
  expect(await activate()).toMatchObject([{ ok: true }, { ok: true }]);
  // None succeeds, and the log has no room for the refusals.
  expect(await withoutRoomFor("audit_events", activate)).toEqual([takesNoChanges, takesNoChanges]);

  const approval = await arrangeApproval(database, { tree: at.tree });
  const requestId = await approval.waiting();
  for (const decision of ["Deny", "Approve"] as const) {
    const decide = () =>
      decideRequests(database, approval.first, {
        requestIds: [requestId],
        decision,
        ...because,
      });
    expect(await withoutRoomFor("audit_events", decide)).toEqual([takesNoChanges]);
    expect(await approval.read(requestId)).toMatchObject({ status: "PendingApproval", decisions: [] });
  }
  expect(await approveRequest(database, approval.first, { requestId, ...because })).toMatchObject({
    ok: true,
  });
});

it("lets an import that waits for room go on with every row, however long that takes", async () => {
  const rows = [azureUser(1), azureUser(2)];
  const importId = await at.stage("Users", rows);
  await at.confirm(importId);
  for (let time = 1; time <= 6; time += 1)
    await expect(withoutRoomFor("audit_events", () => applyImports(at.database))).rejects.toThrow(/No space/);
  expect(await at.viewed(importId)).toEqual({ status: "Applying", left: 2, stopReason: null });
  await applyImports(at.database);
  expect(await at.viewed(importId)).toMatchObject({ status: "Applied", left: 0 });
});
