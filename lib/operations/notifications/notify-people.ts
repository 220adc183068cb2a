import { type Notice, noticeCategories } from "@/lib/domain/notifications/notice";
import type { Person } from "@/lib/operations/people/find-people";
import type { Transaction } from "@/lib/platform/database";
import { jsonRows } from "@/lib/platform/sql/json-rows";

/** One notice for one person. */
export interface PersonalNotice {
  readonly person: Person;
  /** What it is about. A person is notified of one thing once, in the portal and by mail. */
  readonly subjectKey: string;
  readonly notice: Notice;
  readonly portalOnly?: boolean;
}

/** Whether this installation sends mail. */
export interface Delivery {
  readonly mail: boolean;
}

function wantsMail({ person, notice, portalOnly }: PersonalNotice): boolean {
  if (portalOnly || person.email === null) return false;
  return !noticeCategories[notice.category].canBeMuted || !person.mutedCategories.includes(notice.category);
}

/** Adds notices to people's lists and, unless they opted out, to the mail that waits to be sent. Returns how many. */
export async function notifyPeople(
  transaction: Transaction,
  personalNotices: readonly PersonalNotice[],
  delivery: Delivery,
): Promise<number> {
  const rows = personalNotices.map(({ person, subjectKey, notice: { category, title, body, href } }) => ({
    recipient_id: person.id,
    ...{ subject_key: subjectKey, category, title, body, href },
  }));
  // One statement, however many people are notified of one thing.
  const count = await transaction.$executeRaw`
    INSERT INTO notifications (recipient_id, subject_key, category, title, body, href)
    SELECT recipient_id, subject_key, category, title, body, href
    FROM jsonb_populate_recordset(NULL::notifications, ${jsonRows(rows)}::jsonb)
    ON CONFLICT DO NOTHING`;
  if (delivery.mail) {
    await queueMail(
      transaction,
      personalNotices
        .filter(wantsMail)
        .flatMap(({ person, ...rest }) =>
          person.email === null ? [] : [{ ...rest, recipientId: person.id, address: person.email }],
        ),
    );
  }
  return count;
}

/** Queues mail, once for each address and subject. */
export async function queueMail(
  transaction: Transaction,
  mails: readonly {
    readonly recipientId: string | null;
    readonly address: string;
    readonly subjectKey: string;
    readonly notice: Notice;
    /** The schedule whose file is made and attached when the mail is sent. */
    readonly exportScheduleId?: string;
  }[],
): Promise<void> {
  const rows = mails.map(({ notice: { category, ...content }, exportScheduleId, ...mail }) => ({
    ...{ recipient_id: mail.recipientId, address: mail.address, subject_key: mail.subjectKey, category },
    content: {
      ...content,
      facts: content.facts.map((fact) => ({ ...fact })),
      ...(exportScheduleId ? { exportScheduleId } : {}),
    },
  }));
  await transaction.$executeRaw`
    INSERT INTO mail_messages (recipient_id, address, subject_key, category, content)
    SELECT recipient_id, address, subject_key, category, content
    FROM jsonb_populate_recordset(NULL::mail_messages, ${jsonRows(rows)}::jsonb)
    ON CONFLICT DO NOTHING`;
}
