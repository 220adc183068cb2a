import { RefreshOnce } from "@/components/shell/refresh-once";
import { ForbiddenPage } from "@/components/ui/forbidden-page";

export default function Forbidden() {
  return (
    <ForbiddenPage text="You need a role that is not active now. If you are eligible for one, it is offered above. My roles lists all of yours.">
      <RefreshOnce />
    </ForbiddenPage>
  );
}
