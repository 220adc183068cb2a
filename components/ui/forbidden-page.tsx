import { Icon } from "@/components/ui/icon";
import { MessagePage } from "@/components/ui/message-page";

/** Shown when a right is missing: what is required, and where to get it. */
export function ForbiddenPage({ text, children }: { text: string; children?: React.ReactNode }) {
  return (
    <MessagePage icon={<Icon name="lock-keyhole" size={22} />} title="You cannot open this now" text={text}>
      <a className="button" href="/my-roles">
        My roles
      </a>
      {children}
    </MessagePage>
  );
}
