import { ForbiddenPage } from "@/components/ui/forbidden-page";

export default function Forbidden() {
  return (
    <ForbiddenPage text="Importing takes the right to manage people at the root, as Owner or User Access Administrator there, held at this moment. Each row takes besides what it would take by hand." />
  );
}
