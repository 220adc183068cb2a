/** Why a backup or a restore is not made: one line for whoever asked, who can do something about it. */
export class BackupRefusal extends Error {}
