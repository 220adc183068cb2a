import { z } from "zod";
import { mostAtOnce } from "@/lib/domain/gate/activations-together";
import { addMinutes } from "@/lib/domain/time/schedule";
import { jsonOf, knownId, optionalMoment, optionalText, unseen } from "@/lib/web/form-fields";
import { atMost, sentences } from "@/lib/web/form-sentences";

/** The fields that one activation and several have in common. */
const common = z
  .object({
    when: unseen(z.enum(["now", "later"]).optional(), sentences.unreadable),
    startsAt: optionalMoment,
    justification: optionalText,
    ticketNumber: optionalText,
    ticketSystem: optionalText,
  })
  .refine(({ when, startsAt }) => when !== "later" || startsAt !== null, {
    path: ["startsAt"],
    message: "Enter when the role should start.",
  })
  .transform(({ when, startsAt, ...rest }) => ({ ...rest, startsAt: when === "now" ? null : startsAt }));

/** A duration in hours, as it is typed. An empty field has none. */
export const typedHours = z
  .string("Choose a duration.")
  .trim()
  .min(1, "Choose a duration.")
  .transform(Number)
  .pipe(z.number("Choose a duration.").min(0, "Choose a duration.").max(24, "Choose at most 24 hours."));

/** The form of one activation. */
export const activation = z
  .object({
    eligibilityId: knownId("role"),
    resourceId: knownId("resource"),
    duration: typedHours,
  })
  .transform(({ duration, ...rest }) => ({ ...rest, durationMinutes: Math.round(duration * 60) }))
  .and(common);

/** A moment that the page itself put into the form. */
const shownMoment = unseen(
  z.iso.datetime().transform((text) => new Date(text)),
  sentences.unreadable,
);

/** The form that extends a running activation, by hours from the end that was shown. */
export const activationExtension = z
  .object({
    assignmentId: knownId("role"),
    expectedEnd: shownMoment,
    duration: typedHours,
    justification: optionalText,
    ticketNumber: optionalText,
    ticketSystem: optionalText,
  })
  .transform(({ duration, ...rest }) => ({
    ...rest,
    endsAt: addMinutes(rest.expectedEnd, Math.round(duration * 60)),
  }));

/** The form of several activations. One hidden field holds the roles as JSON, each with its own duration. */
export const severalActivations = z
  .object({
    duration: typedHours.optional(),
    bundleId: unseen(z.uuid().toLowerCase().optional(), sentences.unreadable),
    items: unseen(
      jsonOf(
        z
          .array(
            z.object({
              eligibilityId: z.uuid(),
              resourceId: z.uuid(),
              durationMinutes: z.number().int().min(0).max(1440),
            }),
            sentences.chooseRole,
          )
          .min(1, sentences.chooseRole)
          .max(mostAtOnce, atMost(mostAtOnce, "roles")),
      ),
    ),
  })
  .transform(({ items, bundleId }) => ({ items, bundleId }))
  .and(common);
