import { LockKeyhole } from "lucide-react";
import { RefreshOnce } from "@/components/shell/refresh-once";
import { MessagePage } from "@/components/ui/message-page";

export default function Forbidden() {
  return (
    <MessagePage
      icon={<LockKeyhole aria-hidden size={22} />}
      title="You cannot open this now"
      text="It takes a role that you do not hold at this moment. If you are eligible for one, activate it in the banner above."
    >
      <RefreshOnce />
    </MessagePage>
  );
}
