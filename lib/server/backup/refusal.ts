/** Why a backup or a restore is not made: one line for the operator, who can do something about it. */
export class BackupRefusal extends Error {}
