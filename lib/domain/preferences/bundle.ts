/** How many bundles a person can keep without losing the overview. A bundle has at most `mostAtOnce` roles. */
export const mostBundles = 20;

/** The longest name, which the log shows with each activation. */
export const longestBundleName = 60;
