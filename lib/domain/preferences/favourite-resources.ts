/** As many resources as a person can star. */
export const mostFavouriteResources = 50;
