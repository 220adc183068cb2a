import { LockKeyhole } from "lucide-react";
import Link from "next/link";
import { MessagePage } from "@/components/ui/message-page";

/** Shown when a right is missing: what is required, and where to get it. */
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
