import type { Metadata } from "next";
import Link from "next/link";
import { InPlaceOfResource } from "@/components/shell/frame";
import { NotFoundPage } from "@/components/ui/not-found-page";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <InPlaceOfResource>
      <NotFoundPage>
        <Link className="button" href="/resources">
          Browse resources
        </Link>
      </NotFoundPage>
    </InPlaceOfResource>
  );
}
