import type { Metadata } from "next";
import { Mark } from "@/components/shell/mark";
import { SetUpForm } from "./set-up-form";

export const metadata: Metadata = { title: "Set up" };

export default async function SetUpPage({ searchParams }: { searchParams: Promise<{ token?: string }> }) {
  const { token } = await searchParams;
  return (
    <main className="mx-auto grid min-h-dvh max-w-sm content-center gap-6 p-4">
      <div>
        <p className="mb-3 flex items-center gap-2 text-lg font-bold">
          <Mark />
          Postern
        </p>
        <h1 className="mt-1">Set up Postern</h1>
        <p className="mt-1 text-muted">
          Create the first Owner. This account holds Owner at the root permanently.
        </p>
      </div>
      <SetUpForm token={typeof token === "string" ? token : ""} />
    </main>
  );
}
