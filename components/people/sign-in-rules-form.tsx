"use client";

import { Concerned } from "@/components/people/concerned";
import { LostFactorRules } from "@/components/people/lost-factor-rules";
import { CheckField, SelectField, TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { firstFactorRules } from "@/lib/domain/people/factor-pass";
import type { PeopleWithout } from "@/lib/domain/people/missing-factor";
import {
  localPasswordRules,
  type SignInRules,
  signInLimits,
  signInRuleLabel,
} from "@/lib/domain/people/sign-in-rules";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

const hours = Array.from({ length: signInLimits.sessionHours.most }, (_, index) => index + 1);
const idleSteps = [15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720];

const inOrder = (numbers: readonly number[]) => [...new Set(numbers)].sort((left, right) => left - right);

const ownFactor = {
  missing: "Own",
  having: "no app or passkey yet",
  nobody: "Everybody has an app or a passkey.",
} as const;

/** The organisation's rules for signing in and for factors. Saving always requires a code, which confirms what changes. */
export function SignInRulesForm(props: {
  rules: SignInRules;
  version: number;
  hasFactor: boolean;
  /** How many people lack a second factor. */
  without: PeopleWithout | null;
  /** What counts if apps do not, as the end of a sentence. */
  remaining: string;
  save: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const { rules } = props;
  const concerned = { counts: props.without };
  const waits = inOrder([0, 1, 2, 4, 8, 12, 24, 48, 72, rules.factorWaitsHours]);
  const idle = inOrder([...idleSteps, rules.idleMinutes]);
  return (
    <div className="card max-w-3xl">
      <ProtectedForm
        submit={props.save}
        prepare={props.prepare}
        needsCode
        hasFactor={props.hasFactor}
        submitLabel="Save"
        returnPath="/organisation/sign-in"
      >
        <input type="hidden" name="expectedVersion" value={props.version} />
        <Group title="Sessions">
          <div className="grid gap-3 sm:grid-cols-2">
            <SelectField
              label={signInRuleLabel("sessionHours")}
              name="sessionHours"
              defaultValue={rules.sessionHours}
              hint="Counted from the sign-in. A shorter time ends older sessions at once."
            >
              {hours.map((each) => (
                <option key={each} value={each}>
                  {minutesInWords(each * 60)}
                </option>
              ))}
            </SelectField>
            <SelectField
              label={signInRuleLabel("idleMinutes")}
              name="idleMinutes"
              defaultValue={rules.idleMinutes}
            >
              {idle.map((each) => (
                <option key={each} value={each}>
                  {minutesInWords(each)}
                </option>
              ))}
            </SelectField>
          </div>
        </Group>
        <Group title="Signing in">
          <CheckField
            label={signInRuleLabel("signInTakesTwo")}
            name="signInTakesTwo"
            defaultChecked={rules.signInTakesTwo}
            hint="A passkey alone counts as both. People without a factor set one up while they sign in, by the rule for first factors below. Protected operations still take a proof of their own."
          />
          <Concerned {...concerned} {...ownFactor} />
        </Group>
        <Group title="Factors">
          <SelectField
            label={signInRuleLabel("firstFactor")}
            name="firstFactor"
            defaultValue={rules.firstFactor}
            hint="Anyone signed in: whoever steals a password can set up a factor of their own, and activate. With a pass or a provider's second factor they cannot. Passes are made on the person's page."
          >
            {Object.entries(firstFactorRules).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </SelectField>
          <Concerned {...concerned} {...ownFactor} />
          <SelectField
            label={signInRuleLabel("factorWaitsHours")}
            name="factorWaitsHours"
            defaultValue={rules.factorWaitsHours}
            hint="Until then none of its codes is accepted. The person is notified by mail when it is set up, and has time to object."
          >
            {waits.map((each) => (
              <option key={each} value={each}>
                {each === 0 ? "At once" : minutesInWords(each * 60)}
              </option>
            ))}
          </SelectField>
          <TextField
            label={signInRuleLabel("installationName")}
            name="installationName"
            defaultValue={rules.installationName}
            maxLength={signInLimits.installationName}
            hint="Shown beside the account in apps that are set up from now on."
          />
          <CheckField
            label={signInRuleLabel("authenticatorAppsConfirm")}
            name="authenticatorAppsConfirm"
            defaultChecked={rules.authenticatorAppsConfirm}
            hint={`Otherwise ${props.remaining} People keep their apps, but neither the apps nor their recovery codes then confirm anything or let anybody in.`}
          />
          {rules.authenticatorAppsConfirm ? (
            <Concerned
              {...concerned}
              missing="NoApp"
              having="no second factor besides an app"
              nobody="Everybody has a second factor besides an app."
            />
          ) : (
            <Concerned
              {...concerned}
              missing="Any"
              having="no second factor that counts"
              nobody="Everybody has a second factor that counts."
            />
          )}
          <CheckField
            label={signInRuleLabel("recoveryCodesConfirm")}
            name="recoveryCodesConfirm"
            defaultChecked={rules.recoveryCodesConfirm}
            hint="Otherwise they confirm no operation; other factors still do. People keep their codes."
          />
          <Concerned
            {...concerned}
            missing="OnlyApp"
            having="an app and nothing else: without recovery codes, losing it takes an administrator's reset"
            nobody="Nobody relies on recovery codes: whoever has an app has another factor as well."
          />
        </Group>
        <Group title="A lost factor">
          <LostFactorRules rules={rules} />
        </Group>
        <Group title="Passwords">
          <SelectField
            label={signInRuleLabel("localPasswords")}
            name="localPasswords"
            defaultValue={rules.localPasswords}
            hint="Passkeys and identity providers work either way. Switching it off takes a break-glass account that can sign in, and a passkey or provider of your own."
          >
            {Object.entries(localPasswordRules).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </SelectField>
          <TextField
            label={signInRuleLabel("minimumPasswordLength")}
            name="minimumPasswordLength"
            type="number"
            min={signInLimits.minimumPasswordLength.least}
            max={signInLimits.minimumPasswordLength.most}
            defaultValue={rules.minimumPasswordLength}
            hint="Characters, for passwords chosen from now on. Leaked and easily guessed ones are always refused."
          />
        </Group>
      </ProtectedForm>
    </div>
  );
}

function Group({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <fieldset className="grid gap-3 border-b border-line pb-5 last-of-type:border-0">
      <legend className="mb-2 font-semibold">{title}</legend>
      {children}
    </fieldset>
  );
}
