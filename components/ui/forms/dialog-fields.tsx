"use client";

import { later } from "@/components/ui/later";

const parts = () => import("@/components/ui/forms/dialog-parts");

/** Parts of a `Dialog`. Their code is loaded with that of the dialog. */
export const DialogForm = later(() => parts().then((module) => module.ProtectedForm));
export const ShownOnce = later(() => parts().then((module) => module.ShownOnce));
export const TextField = later(() => parts().then((module) => module.TextField));
export const TextAreaField = later(() => parts().then((module) => module.TextAreaField));
export const SelectField = later(() => parts().then((module) => module.SelectField));
export const CheckField = later(() => parts().then((module) => module.CheckField));
export const MomentField = later(() => parts().then((module) => module.MomentField));

/** Loads them, so that a dialog shows them when it is first rendered. */
export function dialogPartsComeNear(): void {
  for (const part of [DialogForm, ShownOnce, TextField, TextAreaField, SelectField, CheckField, MomentField])
    part.comeNear();
}
