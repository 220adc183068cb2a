import { expect, it } from "vitest";
import { z } from "zod";
import { knownId, stepUpShape, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";
import { readForm } from "@/lib/web/read-form";

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

it("reads a step-up of which any part is missing", () => {
  const id = "01890a5d-ac96-774b-bcce-b302099a8057";
  const none = { code: null, challengeId: null, proofId: null, passkey: null, confirmed: false };
  expect(readForm(formOf({}), stepUpShape)).toEqual({ ok: true, fields: none });
  expect(readForm(formOf({ code: "123456", challengeId: id, proofId: "" }), stepUpShape)).toEqual({
    ok: true,
    fields: { code: "123456", challengeId: id, proofId: null, passkey: null, confirmed: false },
  });
});

it("says of the whole form what is wrong with a field that nobody sees", () => {
  const shape = z.object({
    roleId: knownId("role"),
    name: z.string("Enter a name.").min(1, "Enter a name."),
  });
  const wrong: Readonly<Record<string, string>>[] = [{}, { roleId: "" }, { roleId: "other" }];
  for (const fields of wrong)
    expect(readForm(formOf(fields), shape)).toMatchObject({
      outcome: { ok: false, message: "This role is not known.", fieldErrors: { name: "Enter a name." } },
    });
  expect(readForm(formOf({ roleId: "01890a5d-ac96-774b-bcce-b302099a8057" }), shape)).toMatchObject({
    outcome: { message: sentences.checkFields, fieldErrors: { name: "Enter a name." } },
  });
  expect(readForm(formOf({}), z.object({ kind: unseen(z.literal("a").optional()) })).ok).toBe(true);
});

it("reads nothing out of what is no form", () => {
  for (const sent of [null, undefined, 7, "a=1", [], { roleId: "1" }])
    expect(readForm(sent, z.object({}))).toMatchObject({
      ok: false,
      outcome: { message: sentences.unreadable },
    });
});

it("takes every value of a list, and the last of any other field", () => {
  const form = new FormData();
  for (const value of ["1", "2"]) {
    form.append("ids", value);
    form.append("name", value);
  }
  const shape = z.object({ ids: z.array(z.string()), name: z.string() });
  expect(readForm(form, shape, ["ids"])).toEqual({ ok: true, fields: { ids: ["1", "2"], name: "2" } });
});
