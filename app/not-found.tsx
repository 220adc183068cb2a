import type { Metadata } from "next";
import Link from "next/link";
import { DoorPage } from "@/components/shell/door-page";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <DoorPage title="Not found" about="This page does not exist, or you may not see it.">
      <Link className="button w-full" href="/">
        Go home
      </Link>
    </DoorPage>
  );
}
