/** The id of the form that edits role settings, for buttons outside of it. */
export const editForm = "role-settings";
