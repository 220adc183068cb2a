import { notifyPeople } from "@/lib/operations/notifications/notify-people";
import { peopleIn } from "@/lib/operations/people/find-people";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { makeUser } from "./factories";

/** A person with unsent mail. */
export async function makeWaitingMail(
  database: Database,
  subjectKey: string,
  title = "You now hold Reader on web",
) {
  const user = await makeUser(database);
  await inTransaction(database, async (transaction) => {
    const [person] = (await peopleIn(transaction, [user.id])).get(user.id) ?? [];
    if (!person) throw new Error("nobody is behind the user");
    const notice = {
      category: "access" as const,
      title,
      body: 'Grace made you active as Reader on web. Reason: <b>bold</b> & "quoted"',
      facts: [{ label: "Reason", value: "line one\nBcc: everybody@evil.example" }],
      href: "/my-roles?tab=active",
    };
    await notifyPeople(transaction, [{ person, subjectKey, notice }], { mail: true });
  });
  return user;
}
