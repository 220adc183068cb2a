import { type APIRequestContext, expect } from "@playwright/test";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

const address = "hanna.directory@contoso.example";

/** Creates the person as an identity provider would. */
async function provision(request: APIRequestContext, token: string) {
  const answer = await request.post("/scim/v2/Users", {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    data: {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      ...{ userName: address, displayName: "Hanna Directory", active: true },
    },
  });
  return { status: answer.status(), id: (await answer.json()).id as string };
}

test("an Owner creates a directory, which brings a person whom nobody edits here until they are taken out of it", async ({
  page,
  request,
}) => {
  const dialog = page.getByRole("dialog");
  const confirm = async () =>
    dialog.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await signIn(page, "owner", "/organisation/directories");
  await page.getByRole("button", { name: "Create directory" }).click();
  await dialog.getByLabel("Name").fill("Contoso HR");
  await confirm();
  const token = (await page.getByTestId("shown-once").textContent()) ?? "";
  const hanna = await provision(request, token);
  expect(hanna.status).toBe(201);
  await page.reload();
  await expect(page.getByRole("region", { name: "Contoso HR" })).toContainText("People1");
  await expect(page.getByText(token)).toBeHidden();

  await page.goto(`/people/${hanna.id}`);
  await expect(
    page.getByText(/decided by the directory Contoso HR, and cannot be edited here/),
  ).toBeVisible();
  const edit = page.getByRole("button", { name: "Edit", exact: true });
  await expect(edit).toBeHidden();
  await page.getByRole("button", { name: "Take out of directory" }).click();
  await confirm();
  await expect(edit).toBeVisible();

  // An existing person is not taken over by an address, unless an administrator allows it.
  expect((await provision(request, token)).status).toBe(409);
  await page.goto("/organisation/directories");
  const directory = page.getByRole("region", { name: "Contoso HR" });
  await directory.getByRole("button", { name: /^Let it take over/ }).click();
  await confirm();
  await expect(directory.getByText("None. Everything that it asked for was applied.")).toBeVisible();
  await page.goto(`/people/${hanna.id}`);
  await expect(edit).toBeHidden();
});
