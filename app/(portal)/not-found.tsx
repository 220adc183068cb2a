import type { Metadata } from "next";
import { NotFoundInFrame } from "@/components/shell/frame";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return <NotFoundInFrame />;
}
