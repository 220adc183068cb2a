import type { Metadata } from "next";
import Link from "next/link";
import { Icon } from "@/components/ui/icon";
import { MessagePage } from "@/components/ui/message-page";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main>
      <MessagePage
        icon={<Icon name="search-x" size={22} />}
        title="Not found"
        text="This page does not exist, or you may not see it."
      >
        <Link className="button" href="/">
          Go home
        </Link>
      </MessagePage>
    </main>
  );
}
