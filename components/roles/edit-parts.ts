"use client";

/** What an edit of role settings needs once something is changed, in one file of scripts (`useEditParts`). */
export { judgeEdit, nameAmong } from "@/components/roles/judge-edit";
export { ReplayFigures, replayInWords } from "@/components/roles/replay-figures";
export { SettingsConflict } from "@/components/roles/settings-conflict";
export { mergedSettings } from "@/lib/domain/roles/role-settings";
