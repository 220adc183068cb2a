import { ForbiddenPage } from "@/components/ui/forbidden-page";

export default function Forbidden() {
  return (
    <ForbiddenPage text="Importing takes Owner or User Access Administrator at the root, held at this moment." />
  );
}
