import { type Notice, noticeCategories } from "@/lib/domain/notifications/notice";
import type { Person } from "@/lib/operations/people/find-people";
import type { Transaction } from "@/lib/platform/database";

/** One notice for one person. */
export interface PersonalNotice {
  readonly person: Person;
  /** What it is about. One person is notified of one thing once, in the portal and by mail. */
  readonly subjectKey: string;
  readonly notice: Notice;
  readonly portalOnly?: boolean;
}

/** Whether mail goes out from this installation. */
export interface Delivery {
  readonly mail: boolean;
}

function wantsMail({ person, notice, portalOnly }: PersonalNotice): boolean {
  if (portalOnly || person.email === null) return false;
  return !noticeCategories[notice.category].canBeMuted || !person.mutedCategories.includes(notice.category);
}

/** Adds notices to people's lists and, if they want it, to the mail that waits to be sent. Returns how many. */
export async function notifyPeople(
  transaction: Transaction,
  personalNotices: readonly PersonalNotice[],
  delivery: Delivery,
): Promise<number> {
  const { count } = await transaction.notification.createMany({
    data: personalNotices.map(({ person, subjectKey, notice: { category, title, body, href } }) => ({
      recipientId: person.id,
      ...{ subjectKey, category, title, body, href },
    })),
    skipDuplicates: true,
  });
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
    /** The schedule whose file is made and attached when it is sent. */
    readonly exportScheduleId?: string;
  }[],
): Promise<void> {
  await transaction.mailMessage.createMany({
    data: mails.map(({ notice: { category, ...content }, exportScheduleId, ...mail }) => ({
      ...{ recipientId: mail.recipientId, address: mail.address, subjectKey: mail.subjectKey, category },
      content: {
        ...content,
        facts: content.facts.map((fact) => ({ ...fact })),
        ...(exportScheduleId ? { exportScheduleId } : {}),
      },
    })),
    skipDuplicates: true,
  });
}
