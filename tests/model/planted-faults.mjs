/**
 * Faults that a script plants in a copy of the code, one at a time, to show that the model finds them. Each replaces
 * one text that stands once in its file; of the migrations, in the newest that has it.
 */
export const plantedFaults = [
  {
    name: "a proof may be spent twice",
    file: "prisma/migrations",
    from: "p.spent_at IS NULL AND p.expires_at > postern_time()",
    to: "p.expires_at > postern_time()",
  },
  {
    name: "a proof is good at the last moment of its five minutes",
    file: "prisma/migrations",
    from: "p.expires_at > postern_time()\n    RETURNING",
    to: "p.expires_at >= postern_time()\n    RETURNING",
  },
  {
    name: "a proof is good for another duration, end or version",
    file: "lib/platform/operation-digest.ts",
    from: "canonicalOperation(operation)",
    to: 'canonicalOperation(operation).replace(/\\d{2,}/g, "0")',
  },
  {
    name: "of two levels the longer maximum counts",
    file: "lib/domain/roles/role-settings.ts",
    from: "activationMaximumMinutes: Math.min(",
    to: "activationMaximumMinutes: Math.max(",
  },
  {
    name: "an activation is not judged by what conflicts with it",
    file: "lib/operations/activation/activate-role-in.ts",
    from: "  await refuseConflicts(transaction, caller.userId, { given }, entry);\n",
    to: "",
  },
  {
    name: "an exception allows what outlasts it",
    file: "prisma/migrations",
    from: "WHERE (least(f.ends, y.ends) <= x.until) IS NOT TRUE",
    to: "WHERE x.until IS NULL",
  },
  {
    name: "whoever joins a group has a part in its exception",
    file: "prisma/migrations",
    from: "WHERE r.since < a.decided_at AND r.person",
    to: "WHERE r.person",
  },
  {
    name: "whoever asked for an exception approves it",
    file: "lib/operations/roles/conflict-exceptions.ts",
    from: "exception.askedById === caller.userId",
    to: "false",
  },
  {
    name: "an extension of an activation goes past its eligibility",
    file: "lib/domain/gate/activation-extension.ts",
    from: "if (eligibleUntil !== null && endsAt > eligibleUntil)",
    to: "if (false)",
  },
  {
    name: "a request to extend outlives its activation",
    file: "lib/authority/request-basis.ts",
    from: " AND running.ends_at > postern_now())`",
    to: ")`",
  },
  {
    name: "settings are read without the readers' lock",
    file: "lib/operations/gate/lock-policy.ts",
    from: 'mode === "read" ? Prisma.sql`FOR SHARE`',
    to: 'mode === "read" ? Prisma.empty',
  },
  {
    name: "reach is not asked again after the locks",
    file: "lib/operations/activation/activate-role-in.ts",
    from: "!eligibility || !reached ||",
    to: "!eligibility ||",
  },
  {
    name: "leaving a group ends no activations",
    file: "lib/operations/people/end-memberships.ts",
    from: "    memberIds,\n    await databaseNow(transaction),",
    to: "    [],\n    await databaseNow(transaction),",
  },
  {
    name: "a time-out that passes makes a revoked request timed out",
    file: "lib/domain/requests/request-state.ts",
    from: "request.expiresAt <= (request.orphanedAt ?? now)",
    to: "request.expiresAt <= now",
  },
  {
    name: "one's own request through a group is decided, of more time",
    file: "lib/operations/assignments/decide-extension.ts",
    from: "(await reachesUntilCommit(transaction, caller.userId, request.principalId))",
    to: "false",
  },
  {
    name: "escalation approvers decide before their time",
    file: "lib/authority/decision-authority.ts",
    from: "coalesce(a.escalates_at <= postern_now(), false) AND",
    to: "",
  },
  {
    name: "removing an eligibility leaves what rests on it",
    file: "lib/operations/assignments/remove-assignment-in.ts",
    from: "endedActivations = await endActivations(transaction, actor, access.id, now, now);",
    to: "",
  },
  {
    name: "an update of a direct assignment asks for no proof",
    file: "lib/operations/assignments/update-assignment.ts",
    from: "active && settings.assignmentRequiresMfa",
    to: "false",
  },
  {
    name: "the last Owner may be disabled",
    file: "lib/domain/gate/last-owner.ts",
    from: "  return (\n    lasting.some((owner) => owner.principalId === principalId) &&",
    to: "  return (\n    false &&",
  },
  {
    name: "an edit of settings that somebody else changed is saved",
    file: "lib/operations/roles/update-role-settings.ts",
    from: "policy.version !== input.expectedVersion",
    to: "policy.version < input.expectedVersion",
  },
  {
    name: "an imported assignment takes no proof",
    file: "lib/operations/imports/import-role-assignments.ts",
    from: "proved: proof !== null,",
    to: "proved: true,",
  },
  {
    name: "a review takes away in the name of whoever may not",
    file: "lib/operations/access-reviews/apply-access-review.ts",
    from: "await requirePermission(transaction, caller, permission, review.resource, entry);",
    to: "void permission;",
  },
  {
    name: "an extension by an administrator leaves the member's wish waiting",
    file: "lib/operations/assignments/extend-or-renew-assignment.ts",
    from: "  await cancelWaitingRequests(transaction, caller, access, { target: entry.target, role, resource }, now);\n",
    to: "",
  },
  {
    name: "taking a membership away does not wait for who uses it",
    file: "lib/operations/people/end-memberships.ts",
    from: "ORDER BY id FOR NO KEY UPDATE",
    to: "ORDER BY id",
  },
  {
    name: "the code after approval is asked for only while the settings ask for one",
    file: "lib/operations/requests/provision-request.ts",
    from: "...(proof === null ? [mfaFailure] : []),\n    ];\n    if (proof === null || failures.length > 0)",
    to: "...(settings.activationRequiresMfa && proof === null ? [mfaFailure] : []),\n    ];\n    if (failures.length > 0)",
  },
  {
    name: "an approved request waits for its code as long as its stage, however long that is",
    file: "lib/domain/requests/approval.ts",
    from: "60 * Math.min(last.timeoutHours, longestWaitForCodeHours)",
    to: "60 * 2 * last.timeoutHours",
  },
  {
    name: "of several levels that require approval one is enough to allow break-glass",
    file: "lib/domain/roles/role-settings.ts",
    from: "least === null || own === null ? null : Math.min(least, own)",
    to: "own === null ? least : Math.min(least ?? own, own)",
  },
  {
    name: "an approval that lapsed before the code counts",
    file: "lib/operations/requests/provision-request.ts",
    from: "counting < approval.approvalsNeeded",
    to: "counting < 0",
  },
];
