-- The log is searched by a part of a ticket number, and by a part of the name or address of whoever approved. Both are
-- facts that events have always had: an event's approvers are those whose approvals of its request stand before it.
CREATE INDEX audit_events_ticket_idx ON audit_events USING gin (ticket_number gin_trgm_ops)
  WITH (gin_pending_list_limit = 512) WHERE ticket_number IS NOT NULL;
CREATE INDEX audit_events_approvals_idx ON audit_events USING gin (actor_name gin_trgm_ops, actor_email gin_trgm_ops)
  WITH (gin_pending_list_limit = 512)
  WHERE outcome = 'Success' AND kind IN ('RequestApproved', 'ExtensionApproved', 'RenewalApproved');
