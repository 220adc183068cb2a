import { expect, it } from "vitest";
import { areArguments, areCallsFields, namedAction } from "@/lib/server/http/react-arguments";
import { writtenByForm, writtenByScript } from "../../support/e2e/react-reply";

const id = `40${"a".repeat(40)}`;
/** The meaning of a failure in this file. */
const changed = "React writes arguments otherwise than lib/server/http/react-arguments.ts reads them";

function form(): FormData {
  const fields = new FormData();
  fields.append("justification", "$100 & é\r\n");
  fields.append("principalIds", "1");
  fields.append("principalIds", "2");
  return fields;
}

/** The state of a form as actions return it. */
const state = {
  ok: false,
  message: null,
  fieldErrors: { code: "Wrong." },
  fields: undefined,
  rows: [{ id: "1", endsAt: "$soon" }],
};

it("takes what React's own script writes for the arguments of an action", async () => {
  for (const given of [[form()], [state, form()], [undefined, form()], [form(), form()]]) {
    const written = await writtenByScript(...given);
    if (!(written instanceof FormData)) throw new Error(`${changed}: ${written}`);
    expect(areCallsFields(written), `${changed}: ${JSON.stringify([...written])}`).toBe(true);
  }
  for (const given of [
    [],
    ["text", 1, true, null, undefined],
    [state],
    [{ at: new Date(0), never: Number.NaN, most: Number.POSITIVE_INFINITY, least: -0, big: 12n, text: "$$" }],
    [[[["deep"]]]],
  ]) {
    const written = await writtenByScript(...given);
    expect(areArguments([written]), `${changed}: ${String(written)}`).toBe(true);
  }
});

it("takes what React renders into a form that works without scripts", async () => {
  for (const bound of [[], [state], ["one", 2, undefined]]) {
    const { name, data } = await writtenByForm(id, ...bound);
    const fields = form();
    fields.append(name, "");
    for (const [field, value] of data ?? []) fields.append(field, value);
    expect(namedAction(fields), `${changed}: ${JSON.stringify([...fields])}`).toBe(id);
  }
});

it("takes nothing else that React can write: what refers to more than was sent", async () => {
  for (const given of [
    new Map([[1, 2]]),
    new Set([1]),
    new Blob(["a"]),
    new Uint8Array([1]),
    Promise.resolve(1),
  ]) {
    const written = await writtenByScript(given);
    const taken = written instanceof FormData ? areCallsFields(written) : areArguments([written]);
    expect(taken, `${changed}: ${written instanceof FormData ? JSON.stringify([...written]) : written}`).toBe(
      false,
    );
  }
});
