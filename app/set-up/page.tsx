import type { Metadata } from "next";
import { DoorPage } from "@/components/shell/door-page";
import { SetUpForm } from "./set-up-form";

export const metadata: Metadata = { title: "Set up" };

export default async function SetUpPage({ searchParams }: { searchParams: Promise<{ token?: string }> }) {
  const { token } = await searchParams;
  return (
    <DoorPage
      title="Set up Postern"
      about="Create the first Owner. This account holds Owner at the root permanently."
    >
      <SetUpForm token={typeof token === "string" ? token : ""} />
    </DoorPage>
  );
}
