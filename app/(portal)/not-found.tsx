import type { Metadata } from "next";
import { InPlaceOfResource } from "@/components/shell/frame";
import { NotFoundPage } from "@/components/ui/not-found-page";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <InPlaceOfResource>
      <NotFoundPage>
        <a className="button" href="/resources">
          Browse resources
        </a>
      </NotFoundPage>
    </InPlaceOfResource>
  );
}
