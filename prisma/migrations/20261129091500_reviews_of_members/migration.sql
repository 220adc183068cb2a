-- A review may ask about each member of the groups that hold access, instead of about the group as one. Such an item is
-- about one member (`principal_id`) of the group (`group_id`) whose eligibility or assignment it is.
ALTER TABLE access_reviews ADD COLUMN each_member boolean NOT NULL DEFAULT false;
ALTER TABLE access_review_items ADD COLUMN group_id uuid REFERENCES principals (id);
ALTER TABLE access_review_items ADD CHECK (group_id IS DISTINCT FROM principal_id);
