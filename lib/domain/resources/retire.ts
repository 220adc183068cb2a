import { mostAccessMoved, mostMoved } from "@/lib/domain/resources/move";
import { addDays } from "@/lib/domain/time/schedule";

/** How many resources one retirement may take along, and how much access it may end. */
export const mostRetired = mostMoved;
export const mostAccessRetired = mostAccessMoved;

/** For how many days a retirement can be undone. */
export const undoDays = 30;

/** Until when a retirement can be undone. */
export function undoUntil(retiredAt: Date): Date {
  return addDays(retiredAt, undoDays);
}

/** The beginning of a retired resource's scope. No path begins with it, so the path is free for another resource. */
export function retiredPrefix(number: number): string {
  return `retired:${number}`;
}

/** The path in the scope of a retired resource, by which people know it. */
export function formerScope(scope: string): string {
  return scope.replace(/^retired:\d+/, "");
}

/** Whether a scope is that of a retired resource. */
export function isRetiredScope(scope: string): boolean {
  return scope.startsWith("retired:");
}
