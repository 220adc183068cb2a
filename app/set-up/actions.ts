"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { minimumPasswordLength } from "@/lib/identity/password";
import { requestOrigin } from "@/lib/identity/request";
import { setUpFirstOwner } from "@/lib/identity/set-up";
import { application } from "@/lib/platform/application";

const shape = z.object({
  token: z.string().min(10).max(200),
  displayName: z.string().trim().min(1).max(200),
  email: z.email().max(320),
  password: z.string().min(minimumPasswordLength).max(1_000),
});

/** Makes the first Owner and goes on to sign in. */
export async function setUp(form: FormData): Promise<void> {
  const parsed = shape.safeParse(Object.fromEntries(form));
  const token = encodeURIComponent(String(form.get("token") ?? "").slice(0, 200));
  if (!parsed.success) redirect(`/set-up?token=${token}&refused=form`);
  const made = await setUpFirstOwner(application().database, parsed.data, await requestOrigin());
  redirect(made ? "/sign-in" : "/set-up?refused=token");
}
