import { ForbiddenPage } from "@/components/ui/forbidden-page";

export default function Forbidden() {
  return (
    <ForbiddenPage text="To import, you need an active role at the root that can manage people, such as Owner or User Access Administrator. Each row also needs the rights that the same change needs by hand." />
  );
}
