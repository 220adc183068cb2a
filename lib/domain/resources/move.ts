import { ownScope, readPath, takesOwn } from "@/lib/domain/resources/own-path";

/** How many resources one move may take along, and how much access it may change. */
export const mostMoved = 5_000;
export const mostAccessMoved = 2_000;
/** Up to how many alerts of one kind that a move would open are counted. */
export const mostAlertsOfMove = 500;

type Moved = { readonly ok: true; readonly scope: string } | { readonly ok: false; readonly message: string };

/**
 * The path that a resource has below another parent. A path of the organisation's own says where the
 * resource lies, so it changes. Among Azure's resources, only the paths of management groups and
 * subscriptions do not say where they lie (docs/decisions/resources.md).
 */
export function movedScope(scope: string, parentScope: string): Moved {
  const path = readPath(scope);
  const parent = readPath(parentScope);
  if (path?.kind === "Root") return { ok: false, message: "The root has no other place." };
  if (path?.kind === "Own") {
    if (!takesOwn(parentScope))
      return {
        ok: false,
        message: "Below that resource only Azure's resources can lie. Choose another place.",
      };
    const [segment = "", name = ""] = scope.split("/").slice(-2);
    return { ok: true, scope: ownScope(parentScope, segment, name) };
  }
  if (path?.kind !== "Arm")
    return { ok: false, message: "Its path follows no known rule, so it cannot get another one." };
  if (path.level === "ResourceGroup" || path.level === "Resource")
    return {
      ok: false,
      message: "Azure's path of this resource says where it lies. Move it in Azure, then import it.",
    };
  const takes = parent?.kind === "Root" || (parent?.kind === "Arm" && parent.level === "ManagementGroup");
  return takes
    ? { ok: true, scope }
    : { ok: false, message: "It can lie below a management group or the root. Choose one of these." };
}

/** Whether a resource can be moved at all. If not, why. */
export function whyNotMoved(scope: string): string | null {
  const moved = movedScope(scope, "/");
  return moved.ok ? null : moved.message;
}
