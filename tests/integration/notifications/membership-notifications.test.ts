import { afterEach, beforeEach, expect, it } from "vitest";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { makeAdministration } from "../../support/administration";
import { grant, makeGroup, makeRole, makeUser, withoutAddresses } from "../../support/factories";

const start = new Date("2027-03-01T09:00:00Z");
let organisation: Awaited<ReturnType<typeof makeAdministration>>;

beforeEach(async () => {
  organisation = await makeAdministration(() => start);
});
afterEach(() => organisation.test.drop());

/** The notices since the last time, by person. Bell and mail agree. */
async function newNotices() {
  const { client } = organisation.database;
  await deliverNotifications(organisation.database, { mail: true });
  const recipient = { select: { displayName: true } };
  const rows = await client.notification.findMany({
    where: { readAt: null },
    include: { recipient },
    orderBy: { id: "asc" },
  });
  await client.notification.updateMany({ data: { readAt: start } });
  const mails = await client.mailMessage.findMany({ where: { sentAt: null }, include: { recipient } });
  await client.mailMessage.updateMany({ data: { sentAt: start } });
  expect(mails.map((mail) => mail.recipient?.displayName).sort()).toEqual(
    rows.map((row) => row.recipient.displayName).sort(),
  );
  return Object.fromEntries(
    rows.map((row) => [row.recipient.displayName, [row.title, row.body].map(withoutAddresses)]),
  );
}

const joining = (groupId: string, memberIds: string[]) => ({
  groupId,
  memberIds,
  justification: "On the rota",
  proofId: null,
});

it("notifies whoever joins or leaves a group which it is, who did it, and what it gives", async () => {
  const { database, owner, tree } = organisation;
  const [ada, bob, gone] = [
    await makeUser(database, "Ada Byron"),
    await makeUser(database, "Bob Kay"),
    await makeUser(database, "Gone Already"),
  ];
  const group = await makeGroup(database, [gone.id], "Operators");
  for (const name of ["Contributor", "Deployer", "Reader", "Tester"]) {
    const role = await makeRole(database, name, { actions: ["a/read"] });
    await grant(database, "eligible", group.id, role.id, tree.subscription.id);
  }
  expect(await addGroupMembers(database, owner, joining(group.id, [ada.id, bob.id]))).toMatchObject({
    ok: true,
  });
  const joined = [
    "You are now in the group Operators",
    "Olga Owner added you. It gives you: Contributor on Production to activate, Deployer on Production to activate, " +
      "Reader on Production to activate, and 1 more. Reason: On the rota",
  ];
  expect(await newNotices()).toEqual({ "Ada Byron": joined, "Bob Kay": joined });

  await removeGroupMember(database, owner, { groupId: group.id, memberId: ada.id, justification: null });
  const left = await newNotices();
  expect(Object.keys(left)).toEqual(["Ada Byron"]);
  expect(left["Ada Byron"]?.[0]).toBe("You are no longer in the group Operators");
  expect(left["Ada Byron"]?.[1]).toMatch(
    /^Olga Owner removed you. Through it you had: Contributor on Production/,
  );

  const empty = await makeGroup(database, [], "Book club");
  await addGroupMembers(database, owner, joining(empty.id, [ada.id]));
  expect((await newNotices())["Ada Byron"]?.[1]).toContain("The group has no roles at present.");
});

it("notifies the people of a group that joins or leaves another, at whatever level, and nobody who is disabled", async () => {
  const { database, owner } = organisation;
  const [ada, bob, off] = [
    await makeUser(database, "Ada Byron"),
    await makeUser(database, "Bob Kay"),
    await makeUser(database, "Otto Off"),
  ];
  await database.client.principal.update({ where: { id: off.id }, data: { disabledAt: start } });
  const inner = await makeGroup(database, [ada.id, off.id], "Inner");
  const middle = await makeGroup(database, [bob.id, inner.id], "Middle");
  const outer = await makeGroup(database, [], "Outer");
  expect(await addGroupMembers(database, owner, joining(outer.id, [middle.id]))).toMatchObject({ ok: true });
  const joined = await newNotices();
  expect(Object.keys(joined).sort()).toEqual(["Ada Byron", "Bob Kay"]);
  expect(joined["Ada Byron"]?.[0]).toBe("Middle, a group of yours, is now in the group Outer");
  expect(joined["Ada Byron"]?.[1]).toContain("Olga Owner added Middle.");
  await removeGroupMember(database, owner, { groupId: outer.id, memberId: middle.id, justification: null });
  expect((await newNotices())["Bob Kay"]?.[0]).toBe(
    "Middle, a group of yours, is no longer in the group Outer",
  );
});

it("notifies nobody of an attempt that was refused", async () => {
  const { database, owner } = organisation;
  const ada = await makeUser(database, "Ada Byron");
  const group = await makeGroup(database, [ada.id], "Operators");
  expect(await addGroupMembers(database, owner, joining(group.id, [ada.id]))).toMatchObject({ ok: false });
  expect(await newNotices()).toEqual({});
});
