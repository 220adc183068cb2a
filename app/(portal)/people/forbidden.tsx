import { ForbiddenPage } from "@/components/ui/forbidden-page";

export default function Forbidden() {
  return (
    <ForbiddenPage text="You need an active role at the root, such as Reader to see people, and Owner or User Access Administrator to change them." />
  );
}
