// The organisation that every sequence begins with; the seed decides its role settings.
import { Choice } from "./action";
import { type Opening, openingOf } from "./openings";
import { random } from "./random";
import { defaults } from "./rules";
import { approvals } from "./settings";
import { always, day, type Principal, type Settings, type State, settingsKey } from "./state";

const start = Date.parse("2026-03-02T09:00:00.000Z");

export function beginning(seed: number): State {
  const next = random(seed);
  const choice = new Choice(Array.from({ length: 60 }, () => next(1_000_000)));
  const user = (): Principal => ({ type: "User", enabled: true, session: 0 });
  const group = (): Principal => ({ type: "Group", enabled: true, session: 0 });
  const row = (
    id: string,
    kind: "Eligible" | "Assigned",
    who: string,
    role: string,
    at: string,
    until = always,
  ) => ({
    ...{ id, kind, who, role, at, until },
    ...{ from: start - day, basis: null, removed: false },
  });
  const settings: State["settings"] = {};
  for (const role of ["Reader", "Operator"])
    for (const at of ["production", "web"])
      if (!choice.once(3)) settings[settingsKey(role, at)] = { ...some(choice), version: 1 };
  arrangeFor(openingOf(seed), settings, choice);
  const excepted = openingOf(seed) === "Exception";
  const rule = choice.once(2) || excepted;
  return {
    now: start,
    made: 0,
    resources: { root: null, production: "root", web: "production", app: "web", staging: "root" },
    roles: {
      Owner: { permissions: ["assign", "makeEligible", "editSettings", "managePeople"] },
      Admin: { permissions: ["assign", "makeEligible", "editSettings"] },
      People: { permissions: ["managePeople"] },
      Reader: { permissions: [] },
      Operator: { permissions: [] },
    },
    principals: {
      ...{
        olga: user(),
        una: user(),
        pete: user(),
        mia: user(),
        max: user(),
        eve: user(),
        ann: user(),
        bob: user(),
      },
      ...{ inner: group(), outer: group(), approvers: group() },
    },
    members: [
      { group: "inner", member: "mia", since: start - day },
      { group: "outer", member: "inner", since: start - day },
      { group: "outer", member: "una", since: start - day },
      { group: "approvers", member: "ann", since: start - day },
    ],
    access: [
      row("a-olga", "Assigned", "olga", "Owner", "root"),
      row("a-una", "Assigned", "una", "Admin", "production"),
      row("a-pete", "Assigned", "pete", "People", "root"),
      row("e-mia", "Eligible", "mia", "Reader", "production"),
      row("e-outer", "Eligible", "outer", "Reader", "web", start + 3_600_000 * 5),
      row("e-max", "Eligible", "max", "Admin", "production", start + 20 * day),
      row("e-eve", "Eligible", "eve", "Owner", "root", start + 20 * day),
      row("e-op", "Eligible", "mia", "Operator", "production", start + 3 * 3_600_000),
      row("a-eve", "Assigned", "eve", "Operator", "web", start + 2 * day),
    ],
    requests: [],
    // One of two sequences begins with a rule.
    conflicts: rule ? [{ id: "k-web", at: "web", first: "Reader", second: "Operator" }] : [],
    // Two of three rules have an exception. Often some allowed access would outlast it.
    exceptions:
      rule && (!choice.once(3) || excepted)
        ? [
            {
              ...{ id: "x-begin", rule: "k-web", asker: "olga", decider: "ann" },
              ...{
                who: choice.of(
                  excepted ? (["eve", "outer", "inner"] as const) : (["eve", "outer", "mia"] as const),
                ),
              },
              ...{ decided: start - day / 2 },
              ...{ until: start + choice.of([1, 5, 24] as const) * 3_600_000, state: "Approved" },
            },
          ]
        : [],
    settings,
    proofs: [],
    grants: [],
    deeds: [],
  };
}

/** The role settings that the first steps of a sequence take. */
function arrangeFor(opening: Opening, settings: State["settings"], choice: Choice): void {
  const asks = (role: string, at: string, glass: number | null) => {
    const stages = structuredClone([...(choice.of(approvals) ?? [])]);
    settings[settingsKey(role, at)] = { ...some(choice), approval: true, stages, glass, version: 1 };
  };
  if (opening === "Emergency") {
    for (const at of ["production", "web"]) {
      asks("Reader", at, choice.of([60, 30]));
      if (choice.once(2)) asks("Operator", at, 60);
    }
    // An emergency requires a code if an activation requires none.
    const mfa = choice.once(2);
    for (const own of Object.values(settings)) own.mfa &&= mfa;
    asks("Admin", "production", 60);
    if (choice.once(2)) asks("Owner", "root", 60);
  }
  if (opening === "Accomplice") {
    asks("Owner", "root", 60);
    const own = settings[settingsKey("Owner", "root")];
    if (own) own.stages = [{ approvers: ["approvers"], escalation: [], needed: 1, hours: 2 }];
  }
  if (opening === "Extension") {
    const approver = choice.of(["ann", "approvers"] as const);
    for (const at of ["production", "web"]) {
      asks("Reader", at, null);
      const own = settings[settingsKey("Reader", at)];
      // One approval is enough, and there is time left to extend.
      const stages = [{ approvers: [approver], escalation: [], needed: 1, hours: 4 }];
      if (own) Object.assign(own, { stages, maximumMinutes: 480 });
    }
  }
}

function some(choice: Choice): Settings {
  const approval = choice.once(2);
  return {
    ...defaults,
    mfa: !choice.once(3),
    ticket: choice.once(5),
    maximumMinutes: choice.of([480, 60, 120]) ?? 480,
    approval,
    stages: structuredClone([...((approval && choice.of(approvals)) || [])]),
    approverMfa: choice.once(3),
    freshCode: choice.once(2),
    glass: choice.of([null, 30, 60, 60]) ?? null,
    assignMfa: choice.once(2),
    eligibleDays: choice.of([365, null, 30]) ?? null,
    activeDays: choice.of([180, null, 15]) ?? null,
  };
}
