"use client";

/** What dialogs with a form are made of, so that one file of scripts brings all of it (`later`). */
export { CheckField, SelectField, TextAreaField, TextField } from "@/components/ui/forms/field";
export { MomentField } from "@/components/ui/forms/moment-field";
export { ProtectedForm } from "@/components/ui/forms/protected-form";
export { ShownOnce } from "@/components/ui/forms/shown-once";
