"use client";

/** A notification's title as a link to its subject. Following it marks the notification as read. */
export function NotificationLink(props: {
  id: string;
  href: string;
  unread: boolean;
  markRead: (form: FormData) => Promise<void>;
  children: React.ReactNode;
}) {
  return (
    <a
      href={props.href}
      className={props.unread ? "font-semibold text-text" : "text-text"}
      onClick={() => {
        if (!props.unread) return;
        const form = new FormData();
        form.set("id", props.id);
        props.markRead(form);
      }}
    >
      {props.children}
    </a>
  );
}
