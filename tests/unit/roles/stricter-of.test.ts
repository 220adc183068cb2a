import { describe, expect, it } from "vitest";
import { defaultRoleSettings, type RoleSettings, stricterOf } from "@/lib/domain/roles/role-settings";

describe("the stricter of two levels asks approvers for a code", () => {
  const asks = (left: Partial<RoleSettings>, right: Partial<RoleSettings>) =>
    stricterOf({ ...defaultRoleSettings, ...left }, { ...defaultRoleSettings, ...right })
      .approvalRequiresStepUp;
  const code = { approvalRequiresStepUp: true };
  const approval = { approvalRequired: true };

  it("where either does that also requires approval", () => {
    expect(asks({ ...approval, ...code }, {})).toBe(true);
    expect(asks({}, { ...approval, ...code })).toBe(true);
    expect(asks(approval, { ...approval, ...code })).toBe(true);
  });

  it("and not where no approval is required, or none of them asks for one", () => {
    expect(asks(code, approval)).toBe(false);
    expect(asks(approval, code)).toBe(false);
    expect(asks(approval, approval)).toBe(false);
  });
});
