/**
 * For the row of `installation`: the first Owner does not exist yet, or has no password, as after an unattended
 * set-up. Text, since the start asks before there are tables of this version's client.
 */
export const awaitsFirstOwner = `CASE WHEN setup_owner_id IS NULL THEN NOT EXISTS (SELECT FROM assignments)
  ELSE NOT EXISTS (SELECT FROM password_credentials WHERE user_id = setup_owner_id) END`;
