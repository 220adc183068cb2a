"use client";

import { Icon } from "@/components/ui/icon";
import { MessagePage } from "@/components/ui/message-page";

/** The same page for what does not exist and for what the reader may not know of. */
export function NotFoundPage({ children }: { children?: React.ReactNode }) {
  return (
    <MessagePage
      icon={<Icon name="search-x" size={22} />}
      title="Not found"
      text="This page does not exist, or you may not see it."
    >
      <a className="button" href="/">
        Go home
      </a>
      {children}
    </MessagePage>
  );
}
