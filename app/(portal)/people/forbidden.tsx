import { ForbiddenPage } from "@/components/ui/forbidden-page";

export default function Forbidden() {
  return (
    <ForbiddenPage text="It takes a role at the root that you do not hold at this moment, such as Reader to see people, and Owner or User Access Administrator to change them." />
  );
}
