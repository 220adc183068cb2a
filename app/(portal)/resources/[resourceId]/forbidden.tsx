import { RefreshOnce } from "@/components/shell/refresh-once";
import { ForbiddenPage } from "@/components/ui/forbidden-page";

export default function Forbidden() {
  return (
    <ForbiddenPage text="You need a role that is not active now. If you are eligible for one, activate it in the banner above or under My roles.">
      <RefreshOnce />
    </ForbiddenPage>
  );
}
