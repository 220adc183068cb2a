/** The steps from an empty installation to one that an organisation can use, in the order of the card. */
export const gettingStartedSteps = {
  organisation: {
    title: "Name the organisation",
    about: "The root of all resources has its name.",
    label: "Organisation",
  },
  mail: {
    title: "Make mail work",
    about: "Notices and alerts reach people who are not signed in.",
    label: "Send a test",
  },
  secondOwner: {
    title: "Make a second Owner",
    about: "Somebody else who can approve, and who can let you back in.",
    label: "People",
  },
  breakGlass: {
    title: "Name a break-glass account",
    about: "For when nobody else can sign in.",
    label: "Break-glass accounts",
  },
  resources: {
    title: "Add resources",
    about: "What people get access to: databases, clusters, teams, or an import of what you have.",
    label: "Resources",
  },
  people: {
    title: "Add people",
    about: "One by one, by an import, or from a directory by SCIM.",
    label: "People",
  },
  assigningRoles: {
    title: "Decide what roles that can assign roles require",
    about:
      "Anyone who can assign roles can do everything, so require a second factor, a reason or an approval.",
    label: "Role settings",
  },
  eligibility: {
    title: "Make somebody eligible",
    about: "They activate the role for hours, when they need it, instead of holding it all the time.",
    label: "Add assignments",
  },
  alertAddresses: {
    title: "Decide who else hears of alerts",
    about: "Administrators do. Also have alerts mailed to somebody who could not be the cause of one.",
    label: "Organisation",
  },
  logExport: {
    title: "Keep the log elsewhere too",
    about: "Export it once, and agree who keeps it.",
    label: "Audit log",
  },
  backup: {
    title: "Make a backup",
    about: "The operator of the server makes one with npm run backup, and tries to restore it.",
    label: null,
  },
} as const;

export type GettingStartedStep = keyof typeof gettingStartedSteps;

export const gettingStartedOrder = Object.keys(gettingStartedSteps) as readonly GettingStartedStep[];

/** A role that can assign roles and is assigned at the root, with the settings that it came with. */
export interface UndecidedRole {
  readonly id: string;
  readonly roleName: string;
}

/** How many of them the card names. */
export const mostUndecided = 3;

/** What decides where a step is done: whether assignments were imported, and whether there are other people yet. */
interface Progress {
  readonly imported: boolean;
  readonly others: boolean;
}

/** The page where a step is done. Null for steps that are done on the server, or on the card itself. */
export function placeOfStep(
  step: GettingStartedStep,
  {
    rootId,
    imported,
    others,
    undecided,
  }: Progress & { readonly rootId: string; readonly undecided: readonly UndecidedRole[] },
): string | null {
  switch (step) {
    case "organisation":
      return "/organisation";
    case "secondOwner":
      return others ? `/resources/${rootId}/assignments/add` : "/people";
    case "breakGlass":
      return "/organisation/sign-in#break-glass";
    case "resources":
      return "/resources";
    case "people":
      return "/people";
    case "assigningRoles": {
      const [role] = undecided;
      return role ? `/resources/${rootId}/roles/${role.id}/settings` : `/resources/${rootId}/settings`;
    }
    case "alertAddresses":
      return "/organisation#alert-addresses";
    case "eligibility":
      return imported ? `/resources/${rootId}/standing-access` : `/resources/${rootId}/assignments/add`;
    case "logExport":
      return "/audit";
    case "mail":
    case "backup":
      return null;
  }
}

/**
 * The link for a step. If assignments were imported, there is somebody to make eligible. If people were
 * added, there is somebody to make an Owner.
 */
export function labelOfStep(step: GettingStartedStep, { imported, others }: Progress): string | null {
  if (step === "eligibility" && imported) return "Reduce standing access";
  if (step === "secondOwner" && others) return gettingStartedSteps.eligibility.label;
  return gettingStartedSteps[step].label;
}
