import { z } from "zod";
import {
  nameOf,
  nameText,
  optional,
  optionalNameOf,
  optionalScope,
  scope,
  scopeText,
} from "@/lib/domain/imports/import-fields";
import type { ResourceRow } from "@/lib/domain/imports/import-kinds";
import { readPath } from "@/lib/domain/resources/own-path";
import { limits } from "@/lib/domain/text/limits";
import { isUuid } from "@/lib/domain/text/uuid";

const above = "/providers/Microsoft.Management/managementGroups/";
const isManagementGroup = /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i;
const isSubscription = /^\/subscriptions\/[^/]+$/i;
const managementGroups = "Microsoft.Management/managementGroups";
const subscriptions = "Microsoft.Resources/subscriptions";

const resourceOf = (type: string) => (row: { id: string; name: string; type?: string | null }) => ({
  scope: row.id,
  displayName: row.name,
  resourceType: row.type ?? type,
  parentScope: null,
});

/** An entry of `az account management-group list`. */
export const managementGroup = z
  .object({
    id: scopeText.refine(
      (value) => isManagementGroup.test(value),
      `is not the id of a management group, such as ${above}NAME`,
    ),
    displayName: optionalNameOf(limits.resourceName),
    name: optionalNameOf(limits.resourceName),
    parent: optionalScope,
    tenantId: optional,
  })
  .transform(
    (row): ResourceRow => ({
      scope: row.id,
      displayName: row.displayName ?? row.name ?? row.id.slice(above.length),
      resourceType: managementGroups,
      parentScope: row.parent,
      tenantId: row.tenantId,
    }),
  );

/** The parent in `az account management-group entities list`: an object with an id, or in CSV the id. */
const parent = z.preprocess(
  (value) => (typeof value === "object" && value !== null && "id" in value ? value.id : value),
  optionalScope,
);

/** An entry of `az account management-group entities list`: management groups and subscriptions, each with its parent. */
export const hierarchyEntry = z
  .object({
    id: scopeText.refine(
      (value) => isManagementGroup.test(value) || isSubscription.test(value),
      `is neither the id of a management group nor of a subscription, such as ${above}NAME`,
    ),
    displayName: optionalNameOf(limits.resourceName),
    name: optionalNameOf(limits.resourceName),
    parent,
    tenantId: optional,
  })
  .transform((row): ResourceRow => {
    const last = row.id.slice(row.id.lastIndexOf("/") + 1);
    return {
      scope: row.id,
      displayName: row.displayName ?? row.name ?? last,
      resourceType: isSubscription.test(row.id) ? subscriptions : managementGroups,
      parentScope: row.parent,
      tenantId: row.tenantId,
    };
  });

/** An entry of `az account list`. It has only the id, and does not say below what the subscription lies. */
export const subscription = z
  .object({
    id: nameText
      .transform((value) => (isUuid(value.toLowerCase()) ? `/subscriptions/${value}` : value))
      .pipe(
        scopeText.refine(
          (value) => isSubscription.test(value),
          "is not the id of a subscription, such as 11111111-1111-4111-8111-111111111111",
        ),
      ),
    name: nameOf(limits.resourceName),
    parent: optionalScope,
    tenantId: optional,
  })
  .transform(
    (row): ResourceRow => ({
      scope: row.id,
      displayName: row.name,
      resourceType: subscriptions,
      parentScope: row.parent,
      tenantId: row.tenantId,
    }),
  );

/** An entry of `az group list`. */
export const resourceGroup = z
  .object({
    id: scope.refine(
      (value) => /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/i.test(value),
      "is not the id of a resource group",
    ),
    name: nameOf(limits.resourceName),
  })
  .transform((row): ResourceRow => resourceOf("Microsoft.Resources/resourceGroups")(row));

/** An entry of `az resource list`. */
export const resource = z
  .object({
    id: scope.refine(
      (value) => /^\/subscriptions\/[^/]+/i.test(value) || readPath(value)?.kind === "Own",
      "begins neither with /subscriptions/ nor as a path of your own, such as /databases/orders",
    ),
    name: nameOf(limits.resourceName),
    type: nameText,
    parent: optionalScope,
  })
  .transform((row, context): ResourceRow => {
    if (row.parent !== null && !isSubscription.test(row.id)) {
      const message = "is for subscriptions: anything below one lies where its id says";
      context.addIssue({ code: "custom", path: ["parent"], message });
      return z.NEVER;
    }
    return { ...resourceOf("")(row), parentScope: row.parent };
  });
