import type { Metadata } from "next";
import { DoorPage } from "@/components/shell/door-page";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { isSetUpOpen } from "@/lib/identity/sign-in/set-up";
import { application } from "@/lib/platform/application";
import { SetUpForm } from "./set-up-form";

export const metadata: Metadata = { title: "Set up" };

export default async function SetUpPage({ searchParams }: { searchParams: Promise<{ token?: string }> }) {
  const { token } = await searchParams;
  if (!(await isSetUpOpen(application().database)))
    return (
      <DoorPage
        title="Postern is set up"
        about="It has its first Owner. Sign in, or ask them for an account."
      >
        <a className="button w-full" href="/sign-in">
          Sign in
        </a>
      </DoorPage>
    );
  const { minimumPasswordLength } = await readSignInRules(application().database.client);
  return (
    <DoorPage
      title="Set up Postern"
      about="Create the first Owner. This account holds Owner at the root permanently."
    >
      <SetUpForm token={typeof token === "string" ? token : ""} shortest={minimumPasswordLength} />
    </DoorPage>
  );
}
