import { CheckField, SelectField } from "@/components/ui/forms/field";
import { type SignInRules, signInRuleLabel } from "@/lib/domain/people/sign-in-rules";
import { minutesInWords } from "@/lib/domain/time/schedule";

/** How somebody's lost factors are reset. */
export function LostFactorRules({ rules }: { rules: SignInRules }) {
  const delays = [...new Set([0, 1, 2, 4, 8, 12, 24, 48, 72, rules.resetDelayHours])].sort(
    (left, right) => left - right,
  );
  return (
    <>
      <SelectField
        label={signInRuleLabel("resetDelayHours")}
        name="resetDelayHours"
        defaultValue={rules.resetDelayHours}
        hint="Until then the old factors work. The person is notified by mail, and can stop it."
      >
        {delays.map((each) => (
          <option key={each} value={each}>
            {each === 0 ? "At once" : minutesInWords(each * 60)}
          </option>
        ))}
      </SelectField>
      <CheckField
        label={signInRuleLabel("resetTakesTwo")}
        name="resetTakesTwo"
        defaultChecked={rules.resetTakesTwo}
        hint="Not the administrator who asked for it. This takes two administrators: with one alone, nobody's factors could be reset."
      />
    </>
  );
}
