import type { Metadata } from "next";
import { DoorPage } from "@/components/shell/door-page";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <DoorPage title="Not found" about="This page does not exist, or you may not see it.">
      <a className="button w-full" href="/">
        Go home
      </a>
    </DoorPage>
  );
}
