import { expect, it } from "vitest";
import type { Permission } from "@/lib/domain/roles/permissions";
import { roleRisk } from "@/lib/domain/roles/role-risk";

const risk = (permission: Partial<Permission>) =>
  roleRisk([{ actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission }]);

it("judges what a role allows at most by its patterns", () => {
  expect(risk({ actions: ["*"] })).toBe("GivesAccess");
  expect(risk({ actions: ["Microsoft.Authorization/roleAssignments/write"] })).toBe("GivesAccess");
  expect(risk({ actions: ["*"], notActions: ["Microsoft.Authorization/*"] })).toBe("ChangesEverything");
  expect(risk({ actions: ["*/write"], notActions: ["Microsoft.Authorization/*"] })).toBe("ChangesEverything");
  expect(risk({ actions: ["*/read"], dataActions: ["Contoso.Shop/orders/read"] })).toBe("ReachesData");
  expect(risk({ actions: ["*/read", "Contoso.Shop/pods/restart/action"] })).toBe("ChangesSome");
  expect(risk({ actions: ["Contoso.Shop/*"] })).toBe("ChangesSome");
  expect(risk({ actions: ["*/read", "Contoso.Shop/orders/READ"] })).toBe("Reads");
  expect(risk({})).toBe("Reads");
});
