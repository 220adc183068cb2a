"use client";

import { later } from "@/components/ui/later";

const fields = () => import("@/components/ui/forms/field");

/** Fields of a `DialogForm`. Their code is loaded with that of the dialog. */
export const TextField = later(() => fields().then((module) => module.TextField));
export const TextAreaField = later(() => fields().then((module) => module.TextAreaField));
export const CheckField = later(() => fields().then((module) => module.CheckField));
export const MomentField = later(() =>
  import("@/components/ui/forms/moment-field").then((module) => module.MomentField),
);

/** Loads the fields, so that a form shows them when it is first rendered. */
export function dialogFieldsComeNear(): void {
  for (const field of [TextField, TextAreaField, CheckField, MomentField]) field.comeNear();
}
