-- An organization's audit trail is asked for, too.
CREATE INDEX audit_by_organization ON audit (organization_id, id) WHERE organization_id IS NOT NULL;
