import { NotFoundPage } from "@/components/ui/not-found-page";

/** For pages without a nearer one. Without this file Next.js sends its own along with every page. */
export default function Forbidden() {
  return (
    <main>
      <NotFoundPage />
    </main>
  );
}
