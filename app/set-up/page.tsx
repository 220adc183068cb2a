import type { Metadata } from "next";
import { minimumPasswordLength } from "@/lib/identity/password";
import { setUp } from "./actions";

export const metadata: Metadata = { title: "Set up" };

export default async function SetUpPage({
  searchParams,
}: {
  searchParams: Promise<{ token?: string; refused?: string }>;
}) {
  const { token = "", refused } = await searchParams;
  return (
    <main className="mx-auto grid min-h-dvh max-w-sm content-center gap-5 p-4">
      <h1>Set up Postern</h1>
      <p className="text-muted">Make the first Owner: they hold Owner at the root, permanently.</p>
      {refused ? (
        <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
          {refused === "token"
            ? "This set-up address is not valid any more. Start Postern again for a new one, or sign in."
            : `Fill in every field; the password takes at least ${minimumPasswordLength} characters.`}
        </p>
      ) : null}
      <form action={setUp} className="card grid gap-4">
        <input type="hidden" name="token" value={token} />
        {[
          { name: "displayName", label: "Name", type: "text", complete: "name" },
          { name: "email", label: "Email", type: "email", complete: "username" },
          { name: "password", label: "Password", type: "password", complete: "new-password" },
        ].map((field) => (
          <div key={field.name}>
            <label className="label" htmlFor={field.name}>
              {field.label}
            </label>
            <input
              className="input"
              id={field.name}
              name={field.name}
              type={field.type}
              autoComplete={field.complete}
              required
            />
          </div>
        ))}
        <button type="submit" className="button button-primary">
          Make the first Owner
        </button>
      </form>
    </main>
  );
}
