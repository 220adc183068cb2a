import { LockKeyhole } from "lucide-react";
import Link from "next/link";
import { MessagePage } from "@/components/ui/message-page";

/** Said where a right is missing now: what it takes, and where one may be able to get it. */
export function ForbiddenPage({ text, children }: { text: string; children?: React.ReactNode }) {
  return (
    <MessagePage icon={<LockKeyhole aria-hidden size={22} />} title="You cannot open this now" text={text}>
      <Link className="button" href="/my-roles">
        My roles
      </Link>
      {children}
    </MessagePage>
  );
}
