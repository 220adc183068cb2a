/**
 * The zones that ICU, which Node and most browsers use, still lists by a former name, with their
 * present name: those of IANA's `backward` file (2025b) that `zone.tab` replaced.
 */
const renamed: Readonly<Record<string, string>> = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Catamarca": "America/Argentina/Catamarca",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville",
  "America/Mendoza": "America/Argentina/Mendoza",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};

/** Former names of zones. */
export const formerZones: readonly string[] = Object.keys(renamed);

/** The name that a zone has today. */
export function presentZone(name: string): string {
  return Object.hasOwn(renamed, name) ? (renamed[name] ?? name) : name;
}

/** A zone's name for people: America/New York. */
export function zoneInWords(name: string): string {
  return presentZone(name).replaceAll("_", " ");
}

/** The zones of one part of the world. */
export interface ZonesOfRegion {
  readonly region: string;
  readonly zones: readonly { readonly name: string; readonly city: string }[];
}

/** Zones by the first part of their names, without those that have one part, such as UTC. */
export function zonesByRegion(names: readonly string[]): ZonesOfRegion[] {
  const regions = new Map<string, { name: string; city: string }[]>();
  for (const name of names) {
    const [region = "", ...rest] = name.split("/");
    if (rest.length === 0) continue;
    const zones = regions.get(region) ?? [];
    zones.push({ name, city: rest.join("/").replaceAll("_", " ") });
    regions.set(region, zones);
  }
  return [...regions].map(([region, zones]) => ({ region, zones }));
}
