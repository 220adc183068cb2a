import { zonesByRegion } from "@/lib/domain/time/zone-names";

/** Time zones as options of a list, by parts of the world. Typing "Kol" there selects Kolkata. */
export function ZoneOptions({ names }: { names: readonly string[] }) {
  return (
    <>
      {names
        .filter((name) => !name.includes("/"))
        .map((name) => (
          <option key={name}>{name}</option>
        ))}
      {zonesByRegion(names).map(({ region, zones }) => (
        <optgroup key={region} label={region}>
          {zones.map(({ name, city }) => (
            <option key={name} value={name}>
              {city}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  );
}
