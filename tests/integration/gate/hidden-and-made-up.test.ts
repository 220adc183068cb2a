import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { deleteAccessReview } from "@/lib/operations/access-reviews/delete-access-review";
import { endReviewSeries } from "@/lib/operations/access-reviews/end-review-series";
import { remindReviewers } from "@/lib/operations/access-reviews/remind-reviewers";
import { resetAccessReview } from "@/lib/operations/access-reviews/reset-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { takeOverAccessReview } from "@/lib/operations/access-reviews/take-over-access-review";
import {
  takeRecommendations,
  undoRecommendations,
} from "@/lib/operations/access-reviews/take-recommendations";
import { updateAccessReview } from "@/lib/operations/access-reviews/update-access-review";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { activateRoles } from "@/lib/operations/activation/activate-roles";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { deactivateRoles } from "@/lib/operations/activation/deactivate-roles";
import { extendActivation } from "@/lib/operations/activation/extend-activation";
import { askForScan } from "@/lib/operations/alerts/ask-for-scan";
import { changeAlertState } from "@/lib/operations/alerts/change-alert-state";
import { fixAlert } from "@/lib/operations/alerts/fix-alert";
import { updateAlertSettings } from "@/lib/operations/alerts/update-alert-settings";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { assignRoles, previewAssignRoles } from "@/lib/operations/assignments/assign-roles";
import { changeAssignments, previewChange } from "@/lib/operations/assignments/change-assignments";
import { decideExtension } from "@/lib/operations/assignments/decide-extension";
import { decideExtensions, previewExtensions } from "@/lib/operations/assignments/decide-extensions";
import { extendAssignment } from "@/lib/operations/assignments/extend-assignment";
import { makeEligible, previewMakeEligible } from "@/lib/operations/assignments/make-eligible";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { renewAssignment } from "@/lib/operations/assignments/renew-assignment";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { updateAssignment } from "@/lib/operations/assignments/update-assignment";
import { endDirectory } from "@/lib/operations/directories/end-directory";
import { handOverPrincipal } from "@/lib/operations/directories/hand-over-principal";
import { replaceDirectoryToken } from "@/lib/operations/directories/replace-directory-token";
import { revokeDirectoryToken } from "@/lib/operations/directories/revoke-directory-token";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { discardImport } from "@/lib/operations/imports/discard-import";
import {
  deleteImportSchedule,
  pauseImportSchedule,
  requestImportRun,
} from "@/lib/operations/imports/hold-import-schedule";
import {
  saveImportSchedule,
  saveImportScheduleOperation,
} from "@/lib/operations/imports/save-import-schedule";
import { stageImport } from "@/lib/operations/imports/stage-import";
import { createExportSchedule } from "@/lib/operations/notifications/create-export-schedule";
import {
  deleteExportSchedule,
  pauseExportSchedule,
  resumeExportSchedule,
  sendExportNow,
} from "@/lib/operations/notifications/hold-export-schedule";
import { retryDelivery } from "@/lib/operations/notifications/retry-delivery";
import { updateExportSchedule } from "@/lib/operations/notifications/update-export-schedule";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { confirmFactorReset } from "@/lib/operations/people/confirm-factor-reset";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { endPersonSessions } from "@/lib/operations/people/end-person-sessions";
import { issueFactorPass } from "@/lib/operations/people/issue-factor-pass";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { nameBreakGlassAccount } from "@/lib/operations/people/name-break-glass-account";
import { removeBreakGlassAccount } from "@/lib/operations/people/remove-break-glass-account";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { reviewBreakGlassSignIn } from "@/lib/operations/people/review-break-glass-sign-in";
import { revokeFactorPass } from "@/lib/operations/people/revoke-factor-pass";
import { setManager } from "@/lib/operations/people/set-manager";
import { stopFactorReset } from "@/lib/operations/people/stop-factor-reset";
import { updatePrincipal } from "@/lib/operations/people/update-principal";
import { withdrawFactorReset } from "@/lib/operations/people/withdraw-factor-reset";
import {
  addToBundle,
  changeBundle,
  createBundle,
  deleteBundle,
} from "@/lib/operations/preferences/keep-bundle";
import { addFavourite, raiseFavourite, removeFavourite } from "@/lib/operations/preferences/keep-favourite";
import {
  addFavouriteResource,
  removeFavouriteResource,
} from "@/lib/operations/preferences/keep-favourite-resource";
import { deleteFilter, renameFilter } from "@/lib/operations/preferences/keep-filter";
import { breakGlass, breakGlassOperation } from "@/lib/operations/requests/break-glass";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { closeBreakGlass } from "@/lib/operations/requests/close-break-glass";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { provisionRequest } from "@/lib/operations/requests/provision-request";
import { addResource } from "@/lib/operations/resources/add-resource";
import { moveResource } from "@/lib/operations/resources/move-resource";
import { renameResource } from "@/lib/operations/resources/rename-resource";
import { retireResource, retireResourceOperation } from "@/lib/operations/resources/retire-resource";
import { undoRetirement } from "@/lib/operations/resources/undo-retirement";
import { approveConflictException } from "@/lib/operations/roles/approve-conflict-exception";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { deleteRoleDefinition } from "@/lib/operations/roles/delete-role-definition";
import { endConflictException } from "@/lib/operations/roles/end-conflict-exception";
import { removeConflictRule } from "@/lib/operations/roles/remove-conflict-rule";
import { requestConflictException } from "@/lib/operations/roles/request-conflict-exception";
import { updateConflictRule } from "@/lib/operations/roles/update-conflict-rule";
import { updateRoleDefinition } from "@/lib/operations/roles/update-role-definition";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { updateSettingsOfRoles } from "@/lib/operations/roles/update-settings-of-roles";
import type { Caller } from "@/lib/platform/caller";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { readRoleSettings } from "@/lib/queries/assignments/role-members";
import { listImportRows, viewImport } from "@/lib/queries/imports/imports";
import { exportSchedules } from "@/lib/queries/notifications/export-schedules";
import { previewRetirement } from "@/lib/queries/resources/retire-preview";
import { exceptionToRequest, listConflictExceptions } from "@/lib/queries/roles/conflict-exceptions";
import { listConflictRules, readConflictRule, whoHoldsBoth } from "@/lib/queries/roles/conflict-rules";
import { readRoleDefinition } from "@/lib/queries/roles/role-definition";
import { itemsOf, reviewInput, startReview } from "../../support/access-reviews";
import { type Administration, makeAdministration } from "../../support/administration";
import { arrangeApproval } from "../../support/approval";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { grant, makeActivation, makeGroup, makeRole, pastTheRules } from "../../support/factories";
import { importPlan } from "../../support/verbs/scheduled-imports";

/**
 * Things that somebody may not know of look like things that do not exist, whichever operation takes their id.
 * The answer is the same to the letter, and so are the log's entries about their own attempts.
 */

const now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
let stranger: Caller;
/** Somebody who may import, but could not apply the hidden import. */
let manager: Caller;
let own: { eligibilityId: string; resourceId: string };
let hidden: Ids;

/** One id of each kind of thing. */
type Ids = Readonly<Record<keyof typeof kinds, string>>;
const kinds = {
  resourceId: "",
  roleDefinitionId: "",
  principalId: "",
  groupId: "",
  eligibilityId: "",
  assignmentId: "",
  activationId: "",
  requestId: "",
  approvedId: "",
  emergencyId: "",
  extensionId: "",
  reviewId: "",
  itemId: "",
  actionId: "",
  alertId: "",
  importId: "",
  ruleId: "",
  exceptionId: "",
  bundleId: "",
  scheduleId: "",
  scheduledImportId: "",
  retirementId: "",
};
const importSources = { folder: true, hosts: [] };
const exportPlan = (recipientId: string) => ({
  ...{ contents: "Assignments" as const, includeBelow: false, frequency: "Daily" as const },
  ...{ day: null, hour: 7, recipientIds: [recipientId] },
});
const scopeOf = new Map<string, string>();
const madeUp = (): Ids => {
  const ids = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, randomUUID()])) as Ids;
  scopeOf.set(ids.resourceId, `/subscriptions/${randomUUID()}`);
  return ids;
};

beforeAll(async () => {
  at = await makeAdministration(() => now);
  const { database, owner } = at;
  stranger = await at.person("Sam Stranger");
  manager = (await at.peopleManager()).caller;
  // They know one place, where they may activate a role; everything else is hidden from them.
  const place = (await makeTreeBeside("11111111")).subscription;
  const ownRole = await makeRole(database, "Own Role", { actions: ["*/read"] });
  const ownEligibility = await grant(database, "eligible", stranger.userId, ownRole.id, place.id);
  own = { eligibilityId: ownEligibility.id, resourceId: place.id };

  const approval = await arrangeApproval(database, { tree: at.tree });
  const requestId = await approval.waiting();
  const fresh = { tree: at.tree, settings: { provisioningRequiresMfa: true } };
  const approvedId = await (await arrangeApproval(database, fresh)).approved();
  const glass = await arrangeApproval(database, {
    tree: at.tree,
    settings: { breakGlassMaximumMinutes: 60 },
  });
  const breaking = { requestId: await glass.waiting(), durationMinutes: 30, ...because };
  const emergency = await breakGlass(database, glass.member, {
    ...breaking,
    proofId: await at.prove(breakGlassOperation(breaking), glass.member),
  });
  const member = await at.person("Hidden Member");
  const role = await at.protectedRole();
  const held = { endsAt: addDays(now, 10) };
  const resourceId = at.tree.subscription.id;
  const eligibility = await grant(database, "eligible", member.userId, role.id, resourceId, held);
  const assignment = await grant(database, "active", member.userId, role.id, resourceId, held);
  const activation = await pastTheRules(database, (transaction) =>
    makeActivation(transaction, { ...eligibility, resourceId: at.tree.group.id }, now, 60),
  );
  const asked = await requestExtension(database, member, {
    assignmentType: "Active",
    id: assignment.id,
    endsAt: addDays(now, 60),
    justification: "Go on",
  });
  const reviewId = await startReview(database, owner, { resourceId });
  const item = (await itemsOf(database, reviewId)).find((each) => each.principalId === member.userId);
  const taken = await takeRecommendations(database, member, {
    reviewId,
    itemIds: item ? [item.id] : [],
    reason: null,
  });
  const alert = await database.client.alert.create({
    data: {
      kind: "EligibleNeverActivates",
      resourceId,
      subject: eligibility.id,
      roleDefinitionId: role.id,
      principalId: member.userId,
      eligibilityId: eligibility.id,
    },
  });
  const custom = await database.client.roleDefinition.create({
    data: {
      roleName: "Hidden custom role",
      description: "",
      roleType: "CustomRole",
      permissions: [{ actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] }],
      assignableScopes: [at.tree.subscription.scope],
    },
  });
  const group = await makeGroup(database, [member.userId], "Hidden group");
  const staged = await stageImport(database, owner, {
    kind: "ResourceGroups",
    fileName: "hidden.json",
    content: JSON.stringify([{ id: `${at.tree.subscription.scope}/resourceGroups/hidden`, name: "hidden" }]),
    capToMaximum: false,
    group: null,
    removeMembers: false,
  });
  const rule = await createConflictRule(database, owner, {
    resourceId: at.tree.subscription.id,
    rule: { ...forgedRule(role.id), name: "Hidden rule" },
  });
  const excepted = await requestConflictException(database, owner, {
    ruleId: rule.ok ? rule.ruleId : "",
    principalId: member.userId,
    endsAt: addDays(now, 7),
    justification: "Because",
  });
  const bundle = await createBundle(database, member, {
    name: "Hidden bundle",
    eligibilityIds: [eligibility.id],
  });
  const scheduled = await createExportSchedule(database, owner, {
    resourceId,
    plan: exportPlan(member.userId),
  });
  const ofImport = { scheduleId: null, expectedVersion: 0, plan: importPlan };
  const plannedImport = await saveImportSchedule(database, owner, {
    ...{ ...ofImport, configured: importSources },
    proofId: await at.prove(saveImportScheduleOperation(ofImport)),
  });
  if (!plannedImport.ok) throw new Error("the hidden import was not scheduled");
  const unused = await database.client.resource.create({
    data: {
      ...{ parentId: at.tree.root.id, scope: "/databases/hidden", displayName: "hidden" },
      resourceType: "databases",
    },
  });
  const shown = await previewRetirement(database, owner, unused.id);
  if (shown === null || "code" in shown) throw new Error("the hidden resource could not be retired");
  const retiring = { resourceId: unused.id, preview: shown.facts.preview, ...because };
  const retired = await retireResource(database, owner, {
    ...retiring,
    proofId: await at.prove(retireResourceOperation(retiring), owner),
  });
  if (!retired.ok) throw new Error("the hidden resource was not retired");
  if (!bundle.ok || !scheduled.ok) throw new Error("the hidden bundle or export was not made");
  if (!emergency.ok || !rule.ok || !excepted.ok || !asked.ok || !staged.ok || !item || !taken.ok)
    throw new Error("the hidden things were not made");
  scopeOf.set(resourceId, at.tree.subscription.scope);
  hidden = {
    resourceId,
    roleDefinitionId: custom.id,
    principalId: member.userId,
    groupId: group.id,
    eligibilityId: eligibility.id,
    assignmentId: assignment.id,
    activationId: activation.id,
    requestId,
    approvedId,
    emergencyId: emergency.requestId,
    extensionId: asked.requestId,
    reviewId,
    itemId: item.id,
    actionId: taken.actionId,
    alertId: alert.id,
    importId: staged.importId,
    ruleId: rule.ruleId,
    exceptionId: excepted.exceptionId,
    bundleId: bundle.bundleId,
    scheduleId: scheduled.scheduleId,
    scheduledImportId: plannedImport.scheduleId,
    retirementId: retired.retirementId,
  };
});
afterAll(() => at.test.drop());

async function makeTreeBeside(name: string) {
  const { database, tree } = at;
  const subscription = await database.client.resource.create({
    data: {
      parentId: tree.root.id,
      scope: `/subscriptions/${name}`,
      displayName: name,
      resourceType: "Microsoft.Resources/subscriptions",
    },
  });
  return { subscription };
}

const because = { justification: "Because", proofId: null };
const later = addDays(now, 30);
const definition = (scope: string) => ({
  roleName: "Forged role",
  description: "",
  permission: { actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] },
  assignableScopes: [scope],
});
const forgedRule = (roleId: string) => ({
  name: "Forged rule",
  reason: "Because",
  firstRoleIds: [roleId],
  secondRoleIds: [ownerRoleId],
});
const ticket = { ticketNumber: null, ticketSystem: null };

/** Every operation that takes ids, called with one of each kind. */
const operations: Record<string, (ids: Ids) => Promise<unknown>> = {
  activateRole: ({ eligibilityId, resourceId }) =>
    activateRole(at.database, stranger, {
      ...{ eligibilityId, resourceId, startsAt: null, durationMinutes: 60 },
      ...because,
      ...ticket,
    }),
  "activateRole narrowed": ({ resourceId }) =>
    activateRole(at.database, stranger, {
      ...{ ...own, resourceId, startsAt: null, durationMinutes: 60 },
      ...because,
      ...ticket,
    }),
  activateRoles: ({ eligibilityId, resourceId }) =>
    activateRoles(at.database, stranger, {
      items: [{ eligibilityId, resourceId, durationMinutes: 60 }],
      startsAt: null,
      ...because,
      ...ticket,
    }),
  "activateRoles narrowed": ({ resourceId }) =>
    activateRoles(at.database, stranger, {
      items: [{ eligibilityId: own.eligibilityId, resourceId, durationMinutes: 60 }],
      startsAt: null,
      ...because,
      ...ticket,
    }),
  extendActivation: ({ activationId }) =>
    extendActivation(at.database, stranger, {
      ...{ assignmentId: activationId, expectedEnd: addMinutes(now, 60), endsAt: later },
      ...because,
      ...ticket,
    }),
  addFavourite: ({ roleDefinitionId, resourceId }) =>
    addFavourite(at.database, stranger, { roleDefinitionId, resourceId }),
  removeFavourite: ({ roleDefinitionId, resourceId }) =>
    removeFavourite(at.database, stranger, { roleDefinitionId, resourceId }),
  raiseFavourite: ({ roleDefinitionId, resourceId }) =>
    raiseFavourite(at.database, stranger, { roleDefinitionId, resourceId }),
  "activateRoles of a bundle": ({ bundleId, eligibilityId, resourceId }) =>
    activateRoles(at.database, stranger, {
      items: [{ eligibilityId, resourceId, durationMinutes: 60 }],
      startsAt: null,
      bundleId,
      ...because,
      ...ticket,
    }),
  createBundle: ({ eligibilityId }) =>
    createBundle(at.database, stranger, { name: "Forged", eligibilityIds: [eligibilityId] }),
  addToBundle: ({ bundleId }) =>
    addToBundle(at.database, stranger, { bundleId, eligibilityIds: [own.eligibilityId] }),
  changeBundle: ({ bundleId, itemId }) =>
    changeBundle(at.database, stranger, { bundleId, expectedVersion: 1, name: "Forged", keep: [itemId] }),
  deleteBundle: ({ bundleId }) => deleteBundle(at.database, stranger, bundleId),
  createExportSchedule: ({ resourceId, principalId }) =>
    createExportSchedule(at.database, stranger, { resourceId, plan: exportPlan(principalId) }),
  updateExportSchedule: ({ scheduleId, principalId }) =>
    updateExportSchedule(at.database, stranger, {
      ...{ scheduleId, expectedVersion: 1 },
      plan: exportPlan(principalId),
    }),
  pauseExportSchedule: ({ scheduleId }) =>
    pauseExportSchedule(at.database, stranger, { scheduleId, expectedVersion: 1 }),
  resumeExportSchedule: ({ scheduleId }) =>
    resumeExportSchedule(at.database, stranger, { scheduleId, expectedVersion: 1 }),
  deleteExportSchedule: ({ scheduleId }) =>
    deleteExportSchedule(at.database, stranger, { scheduleId, expectedVersion: 1 }),
  sendExportNow: ({ scheduleId }) => sendExportNow(at.database, stranger, { scheduleId, expectedVersion: 1 }),
  addFavouriteResource: ({ resourceId }) => addFavouriteResource(at.database, stranger, resourceId),
  removeFavouriteResource: ({ resourceId }) => removeFavouriteResource(at.database, stranger, resourceId),
  addGroupMembers: ({ groupId, principalId }) =>
    addGroupMembers(at.database, stranger, { groupId, memberIds: [principalId], ...because }),
  applyAccessReview: ({ reviewId }) => applyAccessReview(at.database, stranger, { reviewId }),
  approveRequest: ({ requestId }) => approveRequest(at.database, stranger, { requestId, ...because }),
  "approveRequest for more time": ({ extensionId }) =>
    approveRequest(at.database, stranger, { requestId: extensionId, ...because }),
  denyRequest: ({ requestId }) => denyRequest(at.database, stranger, { requestId, ...because }),
  decideRequests: ({ requestId }) =>
    decideRequests(at.database, stranger, { requestIds: [requestId], decision: "Approve", ...because }),
  decideExtension: ({ extensionId }) =>
    decideExtension(at.database, stranger, {
      requestId: extensionId,
      decision: { decision: "Approve", assignmentType: "Active", startsAt: null, endsAt: later },
      ...because,
    }),
  "decideExtension of an activation": ({ requestId }) =>
    decideExtension(at.database, stranger, { requestId, decision: { decision: "Deny" }, ...because }),
  decideExtensions: ({ extensionId }) =>
    decideExtensions(at.database, stranger, {
      rows: [{ id: extensionId, expectedEnd: null }],
      decision: "Approve",
      ...because,
    }),
  previewExtensions: ({ extensionId }) =>
    previewExtensions(at.database, stranger, {
      rows: [{ id: extensionId, expectedEnd: null }],
      decision: "Approve",
      justification: "Because",
    }),
  assignRole: ({ roleDefinitionId, resourceId, principalId }) =>
    assignRole(at.database, stranger, {
      ...{ assignmentType: "Active", roleDefinitionId, resourceId, principalIds: [principalId] },
      ...{ startsAt: null, endsAt: later },
      ...because,
    }),
  assignRoles: ({ roleDefinitionId, resourceId, principalId }) =>
    assignRoles(at.database, stranger, {
      ...{ assignmentType: "Eligible", roleDefinitionIds: [roleDefinitionId], resourceId },
      ...{ principalIds: [principalId], startsAt: null, endsAt: later },
      ...because,
    }),
  previewAssignRoles: ({ roleDefinitionId, resourceId, principalId }) =>
    previewAssignRoles(at.database, stranger, {
      ...{ assignmentType: "Eligible", roleDefinitionIds: [roleDefinitionId], resourceId },
      ...{ principalIds: [principalId], startsAt: null, endsAt: later, justification: "Because" },
    }),
  provisionRequest: ({ requestId }) => provisionRequest(at.database, stranger, { requestId, proofId: null }),
  "provisionRequest of one that is approved": ({ approvedId }) =>
    provisionRequest(at.database, stranger, { requestId: approvedId, proofId: null }),
  breakGlass: ({ requestId }) =>
    breakGlass(at.database, stranger, { requestId, durationMinutes: 30, ...because, proofId: null }),
  closeBreakGlass: ({ emergencyId }) =>
    closeBreakGlass(at.database, stranger, {
      ...{ requestId: emergencyId, outcome: "Justified", endActivation: true, ...because },
    }),
  cancelRequest: ({ requestId }) => cancelRequest(at.database, stranger, { requestId, justification: null }),
  changeAssignments: ({ assignmentId }) =>
    changeAssignments(at.database, stranger, {
      rows: [{ assignmentType: "Active", id: assignmentId, expectedEnd: addDays(now, 10) }],
      change: { change: "Remove" },
      ...because,
    }),
  previewChange: ({ eligibilityId }) =>
    previewChange(at.database, stranger, {
      rows: [{ assignmentType: "Eligible", id: eligibilityId, expectedEnd: addDays(now, 10) }],
      change: { change: "Extend", endsAt: later },
      justification: "Because",
    }),
  makeEligible: ({ assignmentId }) =>
    makeEligible(
      at.database,
      stranger,
      {
        rows: [
          {
            id: assignmentId,
            shown: {
              ...{ startsAt: now, endsAt: later, eligibleUntil: later },
              ...{ keptId: null, readiness: "0 None" },
            },
          },
        ],
        ...because,
      },
      noIssuers,
    ),
  previewMakeEligible: ({ assignmentId }) =>
    previewMakeEligible(at.database, stranger, { ids: [assignmentId], justification: "Because" }, noIssuers),
  confirmImport: ({ importId }) => confirmImport(at.database, stranger, { importId, ...because }),
  discardImport: ({ importId }) => discardImport(at.database, stranger, importId),
  saveImportSchedule: ({ scheduledImportId }) =>
    saveImportSchedule(at.database, stranger, {
      ...{ scheduleId: scheduledImportId, expectedVersion: 1, plan: importPlan },
      ...{ configured: importSources, proofId: null },
    }),
  pauseImportSchedule: ({ scheduledImportId }) =>
    pauseImportSchedule(at.database, stranger, { scheduleId: scheduledImportId, expectedVersion: 1 }),
  deleteImportSchedule: ({ scheduledImportId }) =>
    deleteImportSchedule(at.database, stranger, { scheduleId: scheduledImportId, expectedVersion: 1 }),
  requestImportRun: ({ scheduledImportId }) =>
    requestImportRun(at.database, stranger, { scheduleId: scheduledImportId, expectedVersion: 1 }),
  "confirmImport of another's file": ({ importId }) =>
    confirmImport(at.database, manager, { importId, ...because }),
  "discardImport of another's file": ({ importId }) => discardImport(at.database, manager, importId),
  "viewImport of another's file": ({ importId }) => viewImport(at.database, manager, importId),
  "listImportRows of another's file": ({ importId }) =>
    listImportRows(at.database, manager, { importId, outcome: "Add", after: 0 }),
  createAccessReview: ({ resourceId }) =>
    createAccessReview(at.database, stranger, reviewInput({ resourceId })),
  "createAccessReview with": ({ roleDefinitionId, principalId }) =>
    createAccessReview(
      at.database,
      stranger,
      reviewInput({
        resourceId: own.resourceId,
        roleDefinitionIds: [roleDefinitionId],
        reviewers: "Selected",
        reviewerIds: [principalId],
      }),
    ),
  createRoleDefinition: ({ resourceId }) =>
    createRoleDefinition(at.database, stranger, definition(scopeOf.get(resourceId) ?? "")),
  deactivateRole: ({ assignmentId }) => deactivateRole(at.database, stranger, { assignmentId }),
  deactivateRoles: ({ assignmentId }) =>
    deactivateRoles(at.database, stranger, { assignmentIds: [assignmentId] }),
  decideAccessReview: ({ reviewId, itemId }) =>
    decideAccessReview(at.database, stranger, {
      reviewId,
      itemIds: [itemId],
      decision: "Deny",
      reason: "Because",
      seen: new Map(),
    }),
  takeRecommendations: ({ reviewId, itemId }) =>
    takeRecommendations(at.database, stranger, { reviewId, itemIds: [itemId], reason: "Because" }),
  undoRecommendations: ({ reviewId, actionId }) =>
    undoRecommendations(at.database, stranger, { reviewId, actionId }),
  createConflictRule: ({ resourceId }) =>
    createConflictRule(at.database, stranger, { resourceId, rule: forgedRule(own.eligibilityId) }),
  addResource: ({ resourceId }) =>
    addResource(at.database, stranger, {
      ...{ parentId: resourceId, resourceType: "databases", displayName: "Orders", pathName: null },
    }),
  moveResource: ({ resourceId, principalId }) =>
    moveResource(at.database, stranger, {
      ...{ resourceId, fromId: at.tree.root.id, toId: resourceId, preview: principalId },
      ...because,
    }),
  retireResource: ({ resourceId, principalId }) =>
    retireResource(at.database, stranger, { resourceId, preview: principalId, ...because }),
  undoRetirement: ({ retirementId, principalId }) =>
    undoRetirement(at.database, stranger, { retirementId, preview: principalId, ...because }),
  renameResource: ({ resourceId }) =>
    renameResource(at.database, stranger, { resourceId, expectedName: "Production", displayName: "Mine" }),
  updateConflictRule: ({ ruleId, roleDefinitionId }) =>
    updateConflictRule(at.database, stranger, {
      ...{ ruleId, expectedVersion: 1, rule: forgedRule(roleDefinitionId), proofId: null },
    }),
  removeConflictRule: ({ ruleId }) =>
    removeConflictRule(at.database, stranger, { ruleId, expectedVersion: 1, ...because }),
  requestConflictException: ({ ruleId, principalId }) =>
    requestConflictException(at.database, stranger, {
      ...{ ruleId, principalId, endsAt: addDays(now, 1), justification: "Because" },
    }),
  approveConflictException: ({ exceptionId }) =>
    approveConflictException(at.database, stranger, { exceptionId, ...because }),
  endConflictException: ({ exceptionId }) =>
    endConflictException(at.database, stranger, { exceptionId, how: "Revoke", ...because }),
  listConflictExceptions: ({ resourceId, ruleId }) =>
    listConflictExceptions(at.database, stranger, resourceId, ruleId),
  exceptionToRequest: ({ resourceId, ruleId, principalId }) =>
    exceptionToRequest(at.database, stranger, resourceId, ruleId, principalId),
  exportSchedules: ({ resourceId }) => exportSchedules(at.database, stranger, resourceId),
  listConflictRules: ({ resourceId }) => listConflictRules(at.database, stranger, resourceId),
  readConflictRule: ({ resourceId, ruleId }) => readConflictRule(at.database, stranger, resourceId, ruleId),
  whoHoldsBoth: ({ resourceId, roleDefinitionId }) =>
    whoHoldsBoth(at.database, stranger, resourceId, forgedRule(roleDefinitionId)),
  deleteRoleDefinition: ({ roleDefinitionId }) =>
    deleteRoleDefinition(at.database, stranger, { roleDefinitionId, justification: null }),
  disablePrincipal: ({ principalId }) => disablePrincipal(at.database, stranger, { principalId, ...because }),
  enablePrincipal: ({ principalId }) => enablePrincipal(at.database, stranger, { principalId, ...because }),
  endReviewSeries: ({ reviewId }) => endReviewSeries(at.database, stranger, { reviewId, reason: "Because" }),
  extendAssignment: ({ assignmentId }) =>
    extendAssignment(at.database, stranger, {
      ...{ assignmentType: "Active", id: assignmentId, expectedEnd: addDays(now, 10), endsAt: later },
      ...because,
    }),
  fixAlert: ({ alertId }) => fixAlert(at.database, stranger, { alertId }),
  issueFactorPass: ({ principalId }) =>
    issueFactorPass(at.database, stranger, {
      ...{ principalId, hours: 24, passHash: makeFactorPass().passHash, proofId: null },
      ...because,
    }),
  confirmFactorReset: ({ principalId, requestId }) =>
    confirmFactorReset(at.database, stranger, { principalId, resetId: requestId, ...because }),
  withdrawFactorReset: ({ principalId, requestId }) =>
    withdrawFactorReset(at.database, stranger, { principalId, resetId: requestId, ...because }),
  stopFactorReset: ({ requestId }) => stopFactorReset(at.database, stranger, { resetId: requestId }),
  revokeFactorPass: ({ principalId }) => revokeFactorPass(at.database, stranger, { principalId, ...because }),
  endPersonSessions: ({ principalId }) =>
    endPersonSessions(at.database, stranger, { principalId, sessionId: null, ...because }),
  nameBreakGlassAccount: ({ principalId }) =>
    nameBreakGlassAccount(at.database, stranger, { principalId, ...because }),
  removeBreakGlassAccount: ({ principalId }) =>
    removeBreakGlassAccount(at.database, stranger, { principalId, ...because }),
  reviewBreakGlassSignIn: ({ requestId }) =>
    reviewBreakGlassSignIn(at.database, stranger, { sessionId: requestId, justification: "Because" }),
  issueIdentityLink: ({ principalId }) =>
    issueIdentityLink(at.database, stranger, {
      ...{ principalId, tokenHash: new Uint8Array(32).fill(9), ...because },
      provider: { issuer: "https://id.example", name: "Example" },
    }),
  removeIdentityLink: ({ principalId, requestId }) =>
    removeIdentityLink(at.database, stranger, {
      ...{ principalId, linkId: requestId, provider: "Example", ...because },
    }),
  issueSignIn: ({ principalId }) =>
    issueSignIn(at.database, stranger, {
      principalId,
      signIn: { kind: "OneTimePassword", passwordHash: "none" },
      ...because,
    }),
  deleteFilter: ({ requestId }) => deleteFilter(at.database, stranger, requestId),
  renameFilter: ({ requestId }) =>
    renameFilter(at.database, stranger, { filterId: requestId, name: "Forged" }),
  removeAssignment: ({ assignmentId }) =>
    removeAssignment(at.database, stranger, {
      assignmentType: "Active",
      id: assignmentId,
      justification: null,
    }),
  removeGroupMember: ({ groupId, principalId }) =>
    removeGroupMember(at.database, stranger, { groupId, memberId: principalId, justification: null }),
  renewAssignment: ({ eligibilityId }) =>
    renewAssignment(at.database, stranger, {
      ...{ assignmentType: "Eligible", id: eligibilityId, startsAt: null, endsAt: later },
      ...because,
    }),
  requestExtension: ({ eligibilityId }) =>
    requestExtension(at.database, stranger, {
      assignmentType: "Eligible",
      id: eligibilityId,
      endsAt: later,
      justification: "Because",
    }),
  requestRenewal: ({ assignmentId }) =>
    requestRenewal(at.database, stranger, {
      assignmentType: "Active",
      id: assignmentId,
      endsAt: later,
      justification: "Because",
    }),
  resetAuthenticator: ({ principalId }) =>
    resetAuthenticator(at.database, stranger, { principalId, ...because }),
  retryDelivery: ({ requestId }) => retryDelivery(at.database, stranger, requestId),
  setManager: ({ principalId }) =>
    setManager(at.database, stranger, { userId: principalId, managerId: stranger.userId, proofId: null }),
  askForScan: ({ resourceId }) => askForScan(at.database, stranger, { resourceId }),
  changeAlertState: ({ alertId }) => changeAlertState(at.database, stranger, { alertId, verdict: "Resolve" }),
  deleteAccessReview: ({ reviewId }) => deleteAccessReview(at.database, stranger, { reviewId }),
  remindReviewers: ({ reviewId }) => remindReviewers(at.database, stranger, { reviewId }),
  resetAccessReview: ({ reviewId }) =>
    resetAccessReview(at.database, stranger, { reviewId, itemId: null, reason: "Because" }),
  updateAccessReview: ({ reviewId }) =>
    updateAccessReview(at.database, stranger, {
      ...{ reviewId, expectedVersion: 1, description: null, reviewerIds: [], informedIds: [], endsAt: null },
    }),
  stopAccessReview: ({ reviewId }) =>
    stopAccessReview(at.database, stranger, { reviewId, reason: "Because" }),
  takeOverAccessReview: ({ reviewId }) => takeOverAccessReview(at.database, stranger, { reviewId }),
  updateAlertSettings: ({ resourceId }) =>
    updateAlertSettings(at.database, stranger, {
      ...{ resourceId, choices: [], proofId: null },
    }),
  updateAssignment: ({ eligibilityId }) =>
    updateAssignment(at.database, stranger, {
      ...{ assignmentType: "Eligible", id: eligibilityId, expected: { startsAt: now, endsAt: later } },
      ...{ startsAt: null, endsAt: later },
      ...because,
    }),
  updatePrincipal: ({ principalId }) =>
    updatePrincipal(at.database, stranger, {
      ...{ principalId, expectedVersion: 0, displayName: "Forged", email: null, externalId: null },
      proofId: null,
    }),
  updateRoleDefinition: ({ roleDefinitionId, resourceId }) =>
    updateRoleDefinition(at.database, stranger, {
      roleDefinitionId,
      expectedVersion: 0,
      definition: definition(scopeOf.get(resourceId) ?? ""),
      ...because,
    }),
  updateRoleSettings: ({ roleDefinitionId, resourceId }) =>
    updateRoleSettings(at.database, stranger, {
      ...{ roleDefinitionId, resourceId, expectedVersion: 0, settings: defaultRoleSettings },
      proofId: null,
    }),
  updateSettingsOfRoles: ({ roleDefinitionId, resourceId }) =>
    updateSettingsOfRoles(at.database, stranger, {
      ...{ resourceId, roles: [{ roleDefinitionId, expectedVersion: 0, changes: {} }] },
      proofId: null,
    }),
};

const operationsOfDirectories: typeof operations = {
  handOverPrincipal: ({ principalId, resourceId }: Ids) =>
    handOverPrincipal(at.database, stranger, { principalId, directoryId: resourceId, proofId: null }),
  replaceDirectoryToken: ({ principalId }: Ids) =>
    replaceDirectoryToken(at.database, stranger, {
      ...{ directoryId: principalId, proofId: null },
      token: { tokenHash: new Uint8Array(32), days: 90 },
    }),
  revokeDirectoryToken: ({ principalId }: Ids) =>
    revokeDirectoryToken(at.database, stranger, { directoryId: principalId }),
  endDirectory: ({ principalId }: Ids) => endDirectory(at.database, stranger, { directoryId: principalId }),
};

/** Operations that take no id of anything that could be hidden, and parts of other operations. */
const withoutIds = new Set([
  "addResourceType",
  "removeResourceType",
  "updateResourceType",
  "assignmentAttempt",
  "chooseMail",
  "chooseShortcuts",
  "chooseTimes",
  "createDirectory",
  "createPrincipal",
  "dismissGettingStarted",
  "markNotificationsRead",
  "recordExport",
  "requestExtensionOrRenewal",
  "saveFilter",
  "sendTestMail",
  "stageFiles",
  "stageImport",
  "stageRows",
  "updateOrganisation",
  "updateSignInRules",
]);

it("asks about every operation that there is", () => {
  const declared = readdirSync("lib/operations", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [
      ...readFileSync(`lib/operations/${file}`, "utf8").matchAll(
        /export (?:async )?function (\w+)\(\s*database: Database,\s*caller: Caller\b/g,
      ),
    ])
    .flatMap((found) => found[1] ?? []);
  expect(declared.length).toBeGreaterThan(45);
  const asked = new Set(
    Object.keys({ ...operations, ...operationsOfDirectories }).map((name) => name.split(" ")[0]),
  );
  expect(declared.filter((name) => !asked.has(name) && !withoutIds.has(name))).toEqual([]);
});

/** The log's entries about the stranger, newest last, without the values that differ between any two events. */
async function logged() {
  const events = await at.database.client.auditEvent.findMany({
    where: { actorId: { in: [stranger.userId, manager.userId] } },
    orderBy: { sequence: "asc" },
  });
  return events.map(({ id: _, sequence: _number, occurredAt: _time, ...rest }) => rest);
}

/** The same text, whichever ids were sent. */
function withoutThe(ids: Ids, value: unknown): string {
  let text = JSON.stringify(value ?? null);
  for (const [kind, id] of Object.entries(ids)) text = text.replaceAll(id, `{${kind}}`);
  return text.replaceAll(scopeOf.get(ids.resourceId) ?? "{scope}", "{scope}");
}

async function ask(call: (ids: Ids) => Promise<unknown>, ids: Ids) {
  const before = (await logged()).length;
  const result = await call(ids);
  return { answer: withoutThe(ids, result), log: withoutThe(ids, (await logged()).slice(before)) };
}

it.each(Object.entries({ ...operations, ...operationsOfDirectories }))(
  "%s answers the same for what is hidden and what is made up",
  async (_, call) => {
    const [real, invented] = [await ask(call, hidden), await ask(call, madeUp())];
    expect(real.answer).not.toContain('"ok":true');
    expect(real).toEqual(invented);
  },
);

/** Every kind of step-up that names something by id. */
const challenges: Record<string, (ids: Ids) => ProtectedOperation> = {
  ActivateRole: ({ eligibilityId, resourceId }) => ({
    ...{ kind: "ActivateRole", eligibilityId, resourceId, startsAt: null, durationMinutes: 60 },
  }),
  "ActivateRole narrowed": ({ resourceId }) => ({
    ...{ kind: "ActivateRole", ...own, resourceId, startsAt: null, durationMinutes: 60 },
  }),
  ActivateRoles: ({ eligibilityId, resourceId }) => ({
    kind: "ActivateRoles",
    items: [{ eligibilityId, resourceId, startsAt: null, durationMinutes: 60 }],
  }),
  ExtendActivation: ({ activationId }) => ({
    ...{ kind: "ExtendActivation", assignmentId: activationId },
    ...{ expectedEnd: addMinutes(now, 60).toISOString(), endsAt: addMinutes(now, 120).toISOString() },
  }),
  AssignRole: ({ roleDefinitionId, resourceId, principalId }) => ({
    ...{
      kind: "AssignRole",
      assignmentType: "Active",
      roleDefinitionId,
      resourceId,
      principalIds: [principalId],
    },
    ...{ startsAt: null, endsAt: null },
  }),
  "AssignRole where one is eligible": ({ roleDefinitionId, principalId }) => ({
    ...{
      kind: "AssignRole",
      assignmentType: "Active",
      roleDefinitionId,
      resourceId: own.resourceId,
      principalIds: [principalId],
    },
    ...{ startsAt: null, endsAt: null },
  }),
  AssignRoles: ({ roleDefinitionId, resourceId, principalId }) => ({
    ...{ kind: "AssignRoles", assignmentType: "Active", roleDefinitionIds: [roleDefinitionId], resourceId },
    ...{ principalIds: [principalId], startsAt: null, endsAt: null },
  }),
  "AssignRoles where one is eligible": ({ roleDefinitionId, principalId }) => ({
    ...{
      kind: "AssignRoles",
      assignmentType: "Active",
      roleDefinitionIds: [roleDefinitionId],
      resourceId: own.resourceId,
    },
    ...{ principalIds: [principalId], startsAt: null, endsAt: null },
  }),
  UpdateAssignment: ({ assignmentId }) => ({
    ...{ kind: "UpdateAssignment", assignmentId, startsAt: null, endsAt: null },
    expected: { startsAt: now.toISOString(), endsAt: null },
  }),
  ExtendAssignment: ({ assignmentId }) => ({
    ...{ kind: "ExtendAssignment", assignmentId, expectedEnd: null, endsAt: null },
  }),
  RenewAssignment: ({ assignmentId }) => ({
    ...{ kind: "RenewAssignment", assignmentId, startsAt: null, endsAt: null },
  }),
  ExtendAssignments: ({ assignmentId }) => ({
    kind: "ExtendAssignments",
    rows: [{ assignmentType: "Active", id: assignmentId, expectedEnd: null }],
    endsAt: null,
  }),
  RenewAssignments: ({ eligibilityId }) => ({
    kind: "RenewAssignments",
    rows: [{ assignmentType: "Eligible", id: eligibilityId }],
    startsAt: null,
    endsAt: null,
  }),
  MakeEligible: ({ assignmentId }) => ({
    kind: "MakeEligible",
    rows: [
      {
        ...{ id: assignmentId, startsAt: "2026-03-02T09:00:00.000Z", endsAt: null },
        ...{ eligibleUntil: null, keptId: null, readiness: "0 None" },
      },
    ],
  }),
  ApproveExtension: ({ extensionId }) => ({
    ...{ kind: "ApproveExtension", requestId: extensionId, startsAt: null, endsAt: null },
  }),
  ApproveExtensions: ({ extensionId }) => ({
    kind: "ApproveExtensions",
    requests: [{ id: extensionId, expectedEnd: null }],
  }),
  UpdateConflictRule: ({ ruleId, roleDefinitionId }) => ({
    ...{ kind: "UpdateConflictRule", ruleId, expectedVersion: 1, rule: forgedRule(roleDefinitionId) },
  }),
  RemoveConflictRule: ({ ruleId }) => ({ kind: "RemoveConflictRule", ruleId, expectedVersion: 1 }),
  UpdateAlertSettings: ({ resourceId }) => ({
    ...{ kind: "UpdateAlertSettings", resourceId, alerts: [] },
  }),
  ApproveConflictException: ({ exceptionId }) => ({ kind: "ApproveConflictException", exceptionId }),
  UpdateRoleSettings: ({ roleDefinitionId, resourceId }) => ({
    ...{ kind: "UpdateRoleSettings", roleDefinitionId, resourceId },
    ...{ expectedVersion: 0, settings: defaultRoleSettings },
  }),
  "UpdateRoleSettings where one is eligible": ({ roleDefinitionId }) => ({
    ...{ kind: "UpdateRoleSettings", roleDefinitionId, resourceId: own.resourceId },
    ...{ expectedVersion: 0, settings: defaultRoleSettings },
  }),
  UpdateSettingsOfRoles: ({ roleDefinitionId, resourceId }) => ({
    ...{ kind: "UpdateSettingsOfRoles", resourceId },
    roles: [{ roleDefinitionId, expectedVersion: 0, changes: {} }],
  }),
  AddGroupMembers: ({ groupId, principalId }) => ({
    ...{ kind: "AddGroupMembers", groupId, memberIds: [principalId] },
  }),
  MoveResource: ({ resourceId, principalId }) => ({
    ...{ kind: "MoveResource", resourceId, fromId: resourceId, toId: resourceId, preview: principalId },
  }),
  SaveImportSchedule: ({ scheduledImportId }) => ({
    ...{ kind: "SaveImportSchedule", scheduleId: scheduledImportId, expectedVersion: 1, plan: importPlan },
  }),
  RetireResource: ({ resourceId, principalId }) => ({
    ...{ kind: "RetireResource", resourceId, preview: principalId },
  }),
  UndoRetirement: ({ retirementId, principalId }) => ({
    ...{ kind: "UndoRetirement", retirementId, preview: principalId },
  }),
  ApplyImport: ({ importId }) => ({ kind: "ApplyImport", importId, digest: "" }),
  UpdateRoleDefinition: ({ roleDefinitionId, resourceId }) => ({
    ...{ kind: "UpdateRoleDefinition", roleDefinitionId, expectedVersion: 0 },
    definition: definition(scopeOf.get(resourceId) ?? ""),
  }),
  ChangeIdentifiers: ({ principalId }) => ({
    ...{ kind: "ChangeIdentifiers", principalId },
    from: { email: null, externalId: null, groupName: null },
    to: { email: null, externalId: "forged", groupName: null },
  }),
  SetManager: ({ principalId }) => ({
    ...{ kind: "SetManager", userId: principalId, managerId: stranger.userId },
  }),
  EnablePrincipal: ({ principalId }) => ({ kind: "EnablePrincipal", principalId }),
  ConfirmFactorReset: ({ principalId, requestId }) => ({
    ...{ kind: "ConfirmFactorReset", principalId, resetId: requestId },
  }),
  IssueFactorPass: ({ principalId }) => ({ kind: "IssueFactorPass", principalId, hours: 24 }),
  IssueSignIn: ({ principalId }) => ({ kind: "IssueSignIn", principalId }),
  LinkIdentity: ({ principalId }) => ({
    ...{ kind: "LinkIdentity", principalId, issuer: "https://id.example" },
  }),
  UnlinkIdentity: ({ principalId, requestId }) => ({
    ...{ kind: "UnlinkIdentity", principalId, linkId: requestId },
  }),
  NameBreakGlassAccount: ({ principalId }) => ({ kind: "NameBreakGlassAccount", principalId }),
  RemoveBreakGlassAccount: ({ principalId }) => ({ kind: "RemoveBreakGlassAccount", principalId }),
  HandOverPrincipal: ({ principalId }) => ({ kind: "HandOverPrincipal", principalId, directoryId: null }),
  ReplaceDirectoryToken: ({ principalId }) => ({
    ...{ kind: "ReplaceDirectoryToken", directoryId: principalId, days: 90 },
  }),
  ResetAuthenticator: ({ principalId }) => ({ kind: "ResetAuthenticator", principalId }),
  DecideRequests: ({ requestId }) => ({
    ...{ kind: "DecideRequests", decision: "Approve", requestIds: [requestId] },
  }),
  ProvisionRequest: ({ approvedId }) => ({ kind: "ProvisionRequest", requestId: approvedId }),
  BreakGlass: ({ requestId }) => ({
    ...{ kind: "BreakGlass", requestId, durationMinutes: 30, justification: "Because" },
  }),
};
const nothingHidden = [
  "CreateDirectory",
  "UpdateOrganisation",
  "UpdateSignInRules",
  "ReplaceAuthenticator",
  "RemoveAuthenticator",
  "ReplaceRecoveryCodes",
  "RemovePasskey",
  "ManageSessions",
];

it("asks for a challenge of every kind that there is", () => {
  const text = readFileSync("lib/domain/gate/protected-operation.ts", "utf8");
  const declared = [...text.matchAll(/readonly kind: ([^;]+);/g)].flatMap((found) => [
    ...(found[1] ?? "").matchAll(/"(\w+)"/g),
  ]);
  const asked = new Set([...Object.keys(challenges).map((name) => name.split(" ")[0]), ...nothingHidden]);
  expect(declared.map((found) => found[1]).filter((kind) => !asked.has(kind))).toEqual([]);
});

it.each(Object.entries(challenges))(
  "a challenge to %s names nothing that is hidden",
  async (_, operation) => {
    const call = (ids: Ids) => createChallenge(at.database, stranger, operation(ids));
    const [real, invented] = [await ask(call, hidden), await ask(call, madeUp())];
    expect(real.answer).toBe("null");
    expect(real).toEqual(invented);
    expect(real.log).toContain("StepUpRefused");
  },
);

it("shows the Owner of one place no more of a role that is assignable elsewhere only than of a made-up one", async () => {
  const { database } = at;
  const place = (await makeTreeBeside("22222222")).subscription;
  const local = await at.person("Lena Local");
  await grant(database, "active", local.userId, ownerRoleId, place.id);
  const member = await at.person("Known Member");
  const asked = async (roleDefinitionId: string) => {
    const assignment = {
      ...{ resourceId: place.id, principalIds: [member.userId], startsAt: null, endsAt: later },
      ...{ assignmentType: "Eligible" as const, ...because },
    };
    const settings = { ...defaultRoleSettings, activationRequiresMfa: false };
    const challenge = async (operation: ProtectedOperation) =>
      (await createChallenge(database, local, operation))?.description ?? null;
    const { assignmentType, principalIds, ...at } = assignment;
    const times = { startsAt: null, endsAt: null };
    return {
      assignRole: await assignRole(database, local, { ...assignment, roleDefinitionId }),
      assignRoles: await assignRoles(database, local, {
        ...assignment,
        roleDefinitionIds: [roleDefinitionId],
      }),
      updateRoleSettings: await updateRoleSettings(database, local, {
        ...{ roleDefinitionId, resourceId: place.id, expectedVersion: 0, settings, proofId: null },
      }),
      updateSettingsOfRoles: await updateSettingsOfRoles(database, local, {
        ...{ resourceId: place.id, proofId: null },
        roles: [{ roleDefinitionId, expectedVersion: 0, changes: { activationRequiresMfa: false } }],
      }),
      createAccessReview: await createAccessReview(
        database,
        local,
        reviewInput({ resourceId: at.resourceId, roleDefinitionIds: [roleDefinitionId] }),
      ),
      settings: await readRoleSettings(database, place.id, roleDefinitionId),
      definition: await readRoleDefinition(database, roleDefinitionId, place.id),
      challenges: [
        await challenge({
          ...{ kind: "AssignRole", assignmentType, roleDefinitionId, resourceId: place.id },
          ...{ principalIds, ...times },
        }),
        await challenge({
          ...{ kind: "AssignRoles", assignmentType, roleDefinitionIds: [roleDefinitionId] },
          ...{ resourceId: place.id, principalIds, ...times },
        }),
        await challenge({
          ...{ kind: "UpdateRoleSettings", roleDefinitionId, resourceId: place.id },
          ...{ expectedVersion: 0, settings },
        }),
        await challenge({
          ...{ kind: "UpdateSettingsOfRoles", resourceId: place.id },
          roles: [{ roleDefinitionId, expectedVersion: 0, changes: { activationRequiresMfa: false } }],
        }),
      ],
    };
  };
  const [ofHidden, ofMadeUp] = [await asked(hidden.roleDefinitionId), await asked(randomUUID())];
  const answers = (text: string) => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id");
  expect(answers(JSON.stringify(ofHidden))).toBe(answers(JSON.stringify(ofMadeUp)));
  const events = await database.client.auditEvent.findMany({ where: { actorId: local.userId } });
  expect(events.length).toBeGreaterThan(0);
  expect(
    JSON.stringify(events, (_, value) => (typeof value === "bigint" ? String(value) : value)),
  ).not.toContain("Hidden custom role");
});
