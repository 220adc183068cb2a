import { alertAddressesFault, normalAlertAddresses } from "@/lib/domain/notifications/alert-addresses";
import { mailDomainsFault, normalMailDomains } from "@/lib/domain/notifications/allowed-mail-domains";
import { nameField } from "@/lib/domain/people/principal";
import { limits } from "@/lib/domain/text/limits";
import { isTimeZone } from "@/lib/domain/time/time-zone";
import { presentZone } from "@/lib/domain/time/zone-names";

/** The settings of the organisation, which root administrators edit. */
export interface OrganisationSettings {
  /** Its name, which is also the name of the root. */
  readonly displayName: string;
  /** The IANA name of the zone by which usual hours and days of notices are judged. */
  readonly timeZone: string;
  /** Domains to which role settings may send mail without a step-up; empty means none. */
  readonly allowedMailDomains: readonly string[];
  /** Addresses to which alerts of high severity are mailed, besides administrators. */
  readonly alertAddresses: readonly string[];
}

/** The name of an organisation, as it is typed. */
export const organisationName = nameField(limits.displayName, "Enter the name of your organisation.");

export const unknownTimeZone = "Choose a time zone from the list.";

/** The settings in one order and spelling. */
export function normalOrganisation(settings: OrganisationSettings): OrganisationSettings {
  const name = organisationName.safeParse(settings.displayName);
  return {
    displayName: name.data ?? settings.displayName,
    timeZone: presentZone(settings.timeZone),
    allowedMailDomains: normalMailDomains(settings.allowedMailDomains),
    alertAddresses: normalAlertAddresses(settings.alertAddresses),
  };
}

/** What is wrong with the settings, field by field; empty if they may be saved. */
export function organisationFaults(settings: OrganisationSettings): { field: string; message: string }[] {
  const name = organisationName.safeParse(settings.displayName);
  const domains = mailDomainsFault(settings.allowedMailDomains);
  const addresses = alertAddressesFault(settings.alertAddresses);
  return [
    ...(name.success
      ? []
      : [{ field: "displayName", message: name.error.issues[0]?.message ?? "Enter another name." }]),
    ...(isTimeZone(settings.timeZone) ? [] : [{ field: "timeZone", message: unknownTimeZone }]),
    ...(domains === null ? [] : [{ field: "allowedMailDomains", message: domains }]),
    ...(addresses === null ? [] : [{ field: "alertAddresses", message: addresses }]),
  ];
}
