/** The radio buttons **Eligible** and **Active**, or only the one that may be chosen. */
export function AssignmentTypeField({
  allowed = { eligible: true, active: true },
  value,
  onChange,
}: {
  readonly allowed?: { readonly eligible: boolean; readonly active: boolean };
  readonly value: "Eligible" | "Active";
  readonly onChange: (value: "Eligible" | "Active") => void;
}) {
  return (
    <fieldset className="flex flex-wrap gap-4">
      <legend className="label">Assignment type</legend>
      {(["Eligible", "Active"] as const)
        .filter((each) => (each === "Active" ? allowed.active : allowed.eligible))
        .map((each) => (
          <label key={each} className="flex items-center gap-2">
            <input
              type="radio"
              name="assignmentType"
              value={each}
              checked={value === each}
              onChange={() => onChange(each)}
            />
            {each}
          </label>
        ))}
    </fieldset>
  );
}
