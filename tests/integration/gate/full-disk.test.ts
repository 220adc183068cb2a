import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { changeAssignments } from "@/lib/operations/assignments/change-assignments";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
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

/** While `work` runs, the database answers each row for this table as it does where its disk is full. */
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

const told = {
  ok: false,
  error: { code: "TakesNoChanges", message: expect.stringContaining("Nothing was changed") },
};

it("refuses in plain words where the disk is full, keeps nothing half done, and goes on when there is room", async () => {
  const group = await makeGroup(at.database, [], "Web Team");
  const ada = await at.person("Ada");
  const add = () =>
    addGroupMembers(at.database, at.owner, {
      groupId: group.id,
      memberIds: [ada.userId],
      justification: "Joins the team",
      proofId: null,
    });
  // The member is written first, and the log has no room: neither stays.
  expect(await withoutRoomFor("audit_events", add)).toMatchObject(told);
  expect(await at.database.client.groupMember.count({ where: { groupId: group.id } })).toBe(0);
  expect(console.error).toHaveBeenCalledWith(expect.stringContaining("No space left"));
  expect(await add()).toMatchObject({ ok: true, added: 1 });
  // A refusal that the log has no room for is not answered as one: it would not be in the log.
  expect(await withoutRoomFor("audit_events", add)).toMatchObject(told);
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
  expect(await withoutRoomFor("audit_events", remove)).toMatchObject([told, told]);
  expect(await remove()).toMatchObject([{ ok: true }, { ok: true }]);
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
