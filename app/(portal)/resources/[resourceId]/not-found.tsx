import type { Metadata } from "next";
import { NotFoundPage } from "@/components/ui/not-found-page";

export const metadata: Metadata = { title: "Not found" };

/** A page of a resource that was not found: the resource's pane stays. */
export default function NotFound() {
  return <NotFoundPage />;
}
