import { z } from "zod";

/** Both PostgreSQL and JavaScript write years within these bounds with four digits, whatever the offset. */
const within = (year: number) => year >= 1 && year <= 9998;
const message = "Enter a year between 1 and 9998.";

/** A day in an address, `2026-03-02`. */
export const dayShape = z.iso.date().refine((day) => within(Number(day.slice(0, 4))), message);

/** A moment in an address or a form, with `Z` or an offset. */
export const momentShape = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine((moment) => within(moment.getUTCFullYear()), message);
