"use server";

import { z } from "zod";
import { alertAddressesOf } from "@/lib/domain/notifications/alert-addresses";
import { mailDomainsOf } from "@/lib/domain/notifications/allowed-mail-domains";
import { organisationName } from "@/lib/domain/notifications/organisation";
import {
  updateOrganisation,
  updateOrganisationOperation,
} from "@/lib/operations/notifications/update-organisation";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { expectedVersion } from "@/lib/web/form-fields";

const shape = z.object({
  expectedVersion,
  displayName: organisationName,
  timeZone: z.string().max(100),
  allowedMailDomains: z.string().max(20_000).transform(mailDomainsOf),
  alertAddresses: z.string().max(5_000).transform(alertAddressesOf),
});

export const prepareOrganisation = challengeAction({ shape, operation: updateOrganisationOperation });

/** Saves the name, the time zone, the allowed mail domains and who gets alerts by mail. Always requires a code. */
export const saveOrganisation = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) =>
    updateOrganisation(database, caller, { ...fields, proofId }),
  done: () => "The settings are saved.",
});
