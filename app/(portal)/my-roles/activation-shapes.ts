import { z } from "zod";
import { mostAtOnce } from "@/lib/domain/gate/protected-operation";
import { jsonOf, knownId, optionalMoment, optionalText, unseen } from "@/lib/web/form-fields";
import { atMost, sentences } from "@/lib/web/form-sentences";

/** What one activation and several at once are asked alike. */
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
    message: "Enter when the role shall start.",
  })
  .transform(({ when, startsAt, ...rest }) => ({ ...rest, startsAt: when === "now" ? null : startsAt }));

/** One activation as its form asks for it. */
export const activation = z
  .object({
    eligibilityId: knownId("role"),
    resourceId: knownId("resource"),
    duration: z.coerce.number("Choose a duration.").min(0).max(24),
  })
  .transform(({ duration, ...rest }) => ({ ...rest, durationMinutes: Math.round(duration * 60) }))
  .and(common);

/** Several activations as their form asks for them: the roles as the JSON of one hidden field. */
export const severalActivations = z
  .object({
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
  .and(common);
