import { describe, expect, it } from "vitest";
import { codeRequest, namesFields } from "@/components/ui/forms/code-request";
import { draftOfDialog } from "@/components/ui/forms/draft-of-dialog";
import { newChallenges } from "@/components/ui/forms/form-challenge";
import { choicesInDraft, drafted, draftKey, draftText, readDraft } from "@/components/ui/forms/form-draft";
import { newSubmissions } from "@/components/ui/forms/form-submission";
import { carriesProof } from "@/components/ui/forms/typed-fields";
import { type FormOutcome, type PreparedChallenge, refused } from "@/lib/web/form-outcome";

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

describe("a draft", () => {
  it("keeps what was typed, in its order, and nothing of a step-up", () => {
    const form = formOf({
      justification: "Maintenance",
      code: "123456",
      proofId: "p",
      challengeId: "c",
      duration: "2",
    });
    form.set("file", new File(["x"], "x.csv"));
    expect(readDraft(draftText(form))).toEqual([
      ["justification", "Maintenance"],
      ["duration", "2"],
    ]);
  });

  it.each([null, "", "{", "{}", "null", "7", '[1,["a"],["a",1],null]'])(
    "is nothing when %s is kept",
    (text) => {
      expect(readDraft(text)).toEqual([]);
    },
  );
});

it("a draft keeps of what was chosen by a search the words that find it again, and no name to be shown", () => {
  const draft = readDraft(
    JSON.stringify([
      ["principalIds", "a,b,c"],
      ["principalIds found by", '[["a","ada@contoso.example"],["c","Crew"],["d","Dan"]]'],
    ]),
  );
  expect(choicesInDraft(draft, "principalIds")).toEqual([
    { id: "a", words: "ada@contoso.example" },
    { id: "c", words: "Crew" },
  ]);
  expect(choicesInDraft(draft, "roleDefinitionIds")).toEqual([]);
  expect(choicesInDraft([["principalIds", "a"]], "principalIds")).toEqual([]);
});

it("a draft of one dialog is kept apart from those of the same page, and of the same dialog about another", () => {
  const [ada, ben] = ["0193d3a0-0000-7000-8000-00000000000a", "0193d3a0-0000-7000-8000-00000000000b"];
  const page = "/people/ada";
  const of = (title: string, id: string, version = 1) =>
    draftKey(page, draftOfDialog(title, { id, expectedVersion: version }));
  const keys = [
    of("End a session", ada),
    of("End a session", ben),
    of("Disable Ada", ada),
    draftKey(page, ""),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(of("End a session", ada, 2), "after somebody else's change").toBe(keys[0]);
});

it("a draft fills in what people see, and never what a form carries unseen, such as whose row it is of", () => {
  const fields = [
    { name: "justification", type: "textarea", value: "" },
    { name: "requestId", type: "hidden", value: "of the row that is open now" },
    { name: "email", type: "checkbox", value: "on" },
    { name: "kind", type: "radio", value: "Eligible" },
    { name: "kind", type: "radio", value: "Active" },
    { name: "untouched", type: "text", value: "as it was" },
    { name: "duration", type: "select-one", value: "1" },
  ];
  const form = formOf({
    ...{ justification: "Maintenance", requestId: "of another row", email: "on", kind: "Active" },
    ...{ duration: "2", gone: "y" },
  });
  expect(
    drafted(fields, readDraft(draftText(form))).map(([{ name, value }, filled]) => [name, value, filled]),
  ).toEqual([
    ["justification", "", "Maintenance"],
    ["email", "on", true],
    ["kind", "Eligible", false],
    ["kind", "Active", true],
    ["duration", "1", "2"],
  ]);
});

describe("a form's challenge", () => {
  const counting = () => {
    const asked: string[] = [];
    const prepare = async (form: FormData): Promise<PreparedChallenge> => {
      asked.push(String(form.get("duration")));
      if (form.get("duration") === "") return { ok: false, message: "Choose a duration." };
      return {
        ok: true,
        challengeId: `challenge-${asked.length}`,
        title: "Activate",
        details: [],
        passkey: null,
      };
    };
    return { asked, prepare };
  };

  it("is asked for once while the form says the same, whatever its code", async () => {
    const { asked, prepare } = counting();
    const challenges = newChallenges();
    const first = await challenges.of(formOf({ duration: "2" }), prepare);
    const second = await challenges.of(formOf({ duration: "2", code: "123456" }), prepare);
    expect(second).toEqual(first);
    expect(asked).toEqual(["2"]);
  });

  it("is another one as soon as the form says something else", async () => {
    const { prepare } = counting();
    const challenges = newChallenges();
    await challenges.of(formOf({ duration: "2" }), prepare);
    expect(await challenges.of(formOf({ duration: "8" }), prepare)).toMatchObject({
      challenge: { challengeId: "challenge-2" },
    });
  });

  it("is another one after a submission", async () => {
    const { prepare } = counting();
    const challenges = newChallenges();
    await challenges.of(formOf({ duration: "2" }), prepare);
    challenges.forget();
    expect(await challenges.of(formOf({ duration: "2" }), prepare)).toMatchObject({
      challenge: { challengeId: "challenge-2" },
    });
  });

  it("is none for a form that cannot be read yet", async () => {
    const { prepare } = counting();
    expect(await newChallenges().of(formOf({ duration: "" }), prepare)).toEqual({
      challenge: null,
      refused: null,
    });
  });

  it("is a refusal for what no code would allow, and is asked for again", async () => {
    const outcome = refused("Choose at most 50 minutes.", { fieldErrors: { duration: "Choose less." } });
    let asked = 0;
    const prepare = async (): Promise<PreparedChallenge> => {
      asked += 1;
      return { ok: false, message: outcome.message, refused: outcome };
    };
    const challenges = newChallenges();
    expect(await challenges.of(formOf({}), prepare)).toEqual({ challenge: null, refused: outcome });
    await challenges.of(formOf({}), prepare);
    expect(asked).toBe(2);
  });
});

describe("the first request for a code", () => {
  const why = "Verify your identity with a second factor.";

  it("is no error where nothing else is wrong", () => {
    expect(codeRequest(refused(why, { needsCode: true, fieldErrors: { code: why } }))).toEqual({
      why,
      rest: null,
    });
  });

  it("leaves what else is wrong, each once", () => {
    const outcome = refused(`Give a reason. ${why}`, {
      needsCode: true,
      fieldErrors: { justification: "Give a reason.", code: why },
    });
    expect(codeRequest(outcome)).toMatchObject({
      why,
      rest: { message: "Give a reason.", fieldErrors: { justification: "Give a reason." } },
    });
  });

  it("is none where no code is asked for", () => {
    expect(codeRequest(refused("Give a reason."))).toBeNull();
  });
});

describe("a submission", () => {
  const done: FormOutcome = { ok: true, message: "The role is active now." };

  it("carries the challenge that its code meets", async () => {
    const sent: Record<string, unknown>[] = [];
    const submit = async (form: FormData) => {
      sent.push(Object.fromEntries(form));
      return done;
    };
    await newSubmissions().send(formOf({ code: "123456" }), {
      challenge: async () => ({ id: "challenge" }),
      submit,
    });
    await newSubmissions().send(formOf({ duration: "2" }), { challenge: async () => ({ id: null }), submit });
    expect(sent).toEqual([{ code: "123456", challengeId: "challenge" }, { duration: "2" }]);
  });

  it("carries the proof of the code before until one is done, and asks for no challenge with it", async () => {
    const outcomes: FormOutcome[] = [refused("Give a reason.", { proofId: "proof" }), done, done];
    const sent: unknown[] = [];
    const submissions = newSubmissions();
    let asked = 0;
    for (const outcome of outcomes)
      await submissions.send(formOf({}), {
        challenge: async () => {
          asked += 1;
          return { id: null };
        },
        submit: async (form) => {
          sent.push(form.get("proofId"));
          return outcome;
        },
      });
    expect(sent).toEqual([null, "proof", null]);
    expect(asked).toBe(2);
  });

  it("is sent once, however often the button is pressed until it is answered", async () => {
    const submissions = newSubmissions();
    let answer: (outcome: FormOutcome) => void = () => undefined;
    let sent = 0;
    const sending = {
      challenge: async () => ({ id: null }),
      submit: () => {
        sent += 1;
        return new Promise<FormOutcome>((resolve) => {
          answer = resolve;
        });
      },
    };
    const first = submissions.send(formOf({}), sending);
    expect(submissions.underWay()).toBe(true);
    expect(await submissions.send(formOf({}), sending)).toBeNull();
    answer(done);
    expect(await first).toEqual(done);
    expect(sent).toBe(1);
  });

  it("is sent no more once it leads to another page", async () => {
    const submissions = newSubmissions();
    const moved: FormOutcome = { ok: true, message: "It is moved.", next: "/resources/1" };
    const sending = { challenge: async () => ({ id: null }), submit: async () => moved };
    expect(await submissions.send(formOf({}), sending)).toEqual(moved);
    expect(submissions.underWay()).toBe(true);
    expect(await submissions.send(formOf({}), sending)).toBeNull();
  });

  it("is not sent, and spends no code, if it would be refused whatever the code", async () => {
    const outcome = refused("Choose at most 50 minutes.");
    const submit = () => Promise.reject(new Error("sent"));
    const submissions = newSubmissions();
    expect(
      await submissions.send(formOf({ code: "123456" }), {
        challenge: async () => ({ refused: outcome }),
        submit,
      }),
    ).toEqual(outcome);
    expect(submissions.underWay()).toBe(false);
  });

  it("can be sent again when no answer came", async () => {
    const submissions = newSubmissions();
    const sending = {
      challenge: async () => ({ id: null }),
      submit: () => Promise.reject(new Error("offline")),
    };
    await expect(submissions.send(formOf({}), sending)).rejects.toThrow("offline");
    expect(submissions.underWay()).toBe(false);
    expect(await submissions.send(formOf({}), { ...sending, submit: async () => done })).toEqual(done);
  });
});

it("a form is proved by a code, a passkey, a provider's answer or a proof that was kept, and by nothing else", () => {
  for (const name of ["code", "passkey", "confirmed", "proofId"])
    expect(carriesProof(formOf({ justification: "Cover", [name]: "1" })), name).toBe(true);
  expect(carriesProof(formOf({ justification: "Cover", code: " ", challengeId: "c" }))).toBe(false);
});

it("a refusal that names a field of the operation makes what a code confirms stale, a wrong code does not", () => {
  const of = (fieldErrors: Record<string, string>) => namesFields(refused("No.", { fieldErrors }));
  expect([of({ email: "No." }), of({ code: "No.", email: "No." })]).toEqual([true, true]);
  expect([of({}), of({ code: "No." }), of({ passkey: "No." })]).toEqual([false, false, false]);
});
