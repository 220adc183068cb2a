/** How many bundles a person can keep: as many as they can keep an overview of. A bundle has at most `mostAtOnce` roles. */
export const mostBundles = 20;

/** The longest name, which the log shows with each activation. */
export const longestBundleName = 60;
